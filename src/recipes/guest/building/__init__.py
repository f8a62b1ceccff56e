"""The build half of the guest: what recipes call while a package is built."""
