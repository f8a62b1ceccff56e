# Keeps an environment installed, for a project's own Makefile. From spack.yaml follow spack.lock, the depfile and what is
# installed; each is made anew when the one before it changed, also the first time.
#
#     SPACK_ENVIRONMENT := toolchain          # folder with spack.yaml; default: the folder where make runs
#     include .../make/environment.mk
#
#     program: program.c $(SPACK_INSTALLED)   # comes after everything is installed
#
# SPACK              the program; default: the one that this file belongs to, else `spack`
# SPACK_TARGETS      in front of all targets, and the folder of their stamps; default: spack
# SPACK_INSTALLED    a file that is newer than everything that is installed: $(SPACK_TARGETS)/env
# SPACK_CONCRETIZE_FLAGS, SPACK_DEPFILE_FLAGS, SPACK_INSTALL_FLAGS   for the commands of these names
#
# $(SPACK_TARGETS)/SPACK_PACKAGE_IDS and $(SPACK_TARGETS)/install/ID are there for hooks, as `spack env depfile` has them.
# Neither `make clean` nor another goal that ends in `clean` makes anything of this; `make spack-clean` forgets it.

SPACK ?= $(firstword $(wildcard $(dir $(lastword $(MAKEFILE_LIST)))../dist/spack.js) spack)
SPACK_ENVIRONMENT ?= .
SPACK_TARGETS ?= spack
SPACK_CONCRETIZE_FLAGS ?=
SPACK_DEPFILE_FLAGS ?=
SPACK_INSTALLED = $(SPACK_TARGETS)/env

# What is included here has rules, and the first one must not become what `make` makes.
spack/default-goal := $(.DEFAULT_GOAL)

# A lockfile that was up to date stays as it is, and would be older than the manifest for ever.
$(SPACK_ENVIRONMENT)/spack.lock: $(SPACK_ENVIRONMENT)/spack.yaml
	$(SPACK) -e '$(SPACK_ENVIRONMENT)' concretize $(SPACK_CONCRETIZE_FLAGS)
	@touch '$@'

$(SPACK_TARGETS)/depfile.mk: $(SPACK_ENVIRONMENT)/spack.lock
	@mkdir -p '$(SPACK_TARGETS)'
	$(SPACK) -e '$(SPACK_ENVIRONMENT)' env depfile --make-prefix '$(SPACK_TARGETS)' -o '$@' $(SPACK_DEPFILE_FLAGS)

.PHONY: spack-clean
spack-clean:
	rm -rf '$(SPACK_TARGETS)'

ifneq (,$(if $(MAKECMDGOALS),$(filter-out %clean,$(MAKECMDGOALS)),all))
include $(SPACK_TARGETS)/depfile.mk
# Also when nothing has to be installed: the manifest says which views there are.
$(SPACK_TARGETS)/.recorded: $(SPACK_TARGETS)/depfile.mk
endif

.DEFAULT_GOAL := $(spack/default-goal)
