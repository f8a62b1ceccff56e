# Installs the environment {{title}}
# with GNU Make (4.0 or later), as many specs at once as `make -jN` allows. Made by `spack env depfile`.
#
#   {{all}}                    everything
#   {{envDeps}}               everything that the roots need, without them
#   {{install}}/NAME-VERSION-HASH   one spec and what it needs; install-deps/… only what it needs
#   {{clean}}                  forget what was made; what is installed stays
#
# SPACK_INSTALL_FLAGS is passed to the installer, and SPACK_LAUNCHER stands before it (`srun -c8`). SPACK_OVERWRITE lists
# hashes of specs to be installed again.
# `make --output-sync=recurse SPACK_COLOR=always` keeps each spec's output together, in colour.

SPACK ?= {{spack}}
SPACK_INSTALL_FLAGS ?=
SPACK_LAUNCHER ?=
SPACK_OVERWRITE ?=
ifdef SPACK_COLOR
export SPACK_COLOR
endif

# For hooks on each package: `push/%: install/%`, with $(HASH) and $(SPEC) in the recipe.
{{idsVariable}} := {{ids}}

# All specs, what they are and where they lie.
{{k}}/hashes := {{hashes}}
{{k}}/externals := {{externals}}
{{k}}/environment := {{environment}}
{{k}}/store := {{store}}
{{specs}}

# Where targets lie: as a path, before targets and before what they need; and what is never made.
{{k}}/dir := {{dir}}
{{k}}/target := {{target}}
{{k}}/need := {{need}}
{{k}}/missing := {{missing}}
{{k}}/folders := {{folders}}
{{k}}/absent = $(foreach folder,$({{k}}/folders),$(if $(wildcard $(call {{k}}/glob,$({{k}}/dir))/$(folder)),,$({{k}}/missing)))
# No blank is in a hash, but there may be some in the folder, so that $(notdir) cannot be used.
{{k}}/hash = $(lastword $(subst /, ,$@))

# A path as $(wildcard) takes it, and as a shell does.
{{k}}/empty :=
{{k}}/blank := $({{k}}/empty) $({{k}}/empty)
{{k}}/glob = $(subst $({{k}}/blank),\ ,$(subst [,\[,$(subst ?,\?,$(subst *,\*,$(subst \,\\,$1)))))
{{k}}/quote = '$(subst ','\'',$1)'

# Whether make only shows (-n), asks (-q) or touches (-t). A literal `+` would run the recipe even then.
{{k}}/idle = $(strip $(foreach letter,n q t,$(findstring $(letter),$(filter-out --%,$(firstword -$(MAKEFLAGS))))))
{{k}}/plus = {{plus}}

# The installer is this program's own while SPACK is this program, else `$(SPACK) install`.
{{k}}/default := {{spack}}
{{k}}/program := {{program}}
{{k}}/found = $(realpath $(if $(findstring /,$(SPACK)),$(SPACK),$(firstword $(wildcard $(addsuffix /$(SPACK),$(subst :, ,$(PATH)))))))
{{k}}/is-other = $(if $(word 2,$(SPACK)),other,$(if $({{k}}/found),$(subst $({{k}}/program),,$({{k}}/found)),other))
{{k}}/other = $(if $(SPACK_INSTALL),,$(if $(subst $({{k}}/default),,$(SPACK)),$({{k}}/is-other)))
{{k}}/installer = $(or $(SPACK_INSTALL),{{installer}})

# Whether $1 is in the store; whether nothing has to be started for it; and what makes its stamp stale: it is to be
# installed again, or its prefix was seen once and has gone. All are make's own functions, no processes.
{{k}}/there = $(if $({{k}}/prefix/$1),$(wildcard $(call {{k}}/glob,$({{k}}/prefix/$1))/.spack/spec.json))
{{k}}/again = $(filter $1,$(SPACK_OVERWRITE))
{{k}}/done = $(if $(or $({{k}}/other),$(call {{k}}/again,$1)),,$(or $(filter $1,$({{k}}/externals)),$(call {{k}}/there,$1)))
{{k}}/gone = $(if $(or $(call {{k}}/again,$1),$(call {{k}}/vanished,$1)),$({{k}}/missing))
{{k}}/vanished = $(if $(wildcard $(call {{k}}/glob,$({{k}}/dir))/{{markFolder}}/$1),$(if $(call {{k}}/there,$1),,vanished))

# How far this run is: `3/54`, counting what has to be started; and before the first, what there is to do.
{{k}}/total = $(eval {{k}}/total := $(words $(foreach hash,$({{k}}/hashes),$(if $(call {{k}}/done,$(hash)),,1)))){{overview}}$({{k}}/total)
{{k}}/progress = $(eval {{k}}/started += 1)$(words $({{k}}/started))/$({{k}}/total)
{{k}}/installed = $(words $(foreach hash,$({{k}}/hashes),$(if $(call {{k}}/there,$(hash)),1)))
{{k}}/overview = $(info ==> $(words $({{k}}/hashes)) specs: $({{k}}/installed) installed, $(words $({{k}}/externals)) external, $({{k}}/total) to install)

# What recipes do: run the installer of one spec, or leave a stamp.
{{k}}/flags = $(SPACK_BUILDCACHE_FLAG) $(SPACK_INSTALL_FLAGS) $(if $(call {{k}}/again,$1),--overwrite -y)
{{k}}/own = $({{k}}/installer) -e $({{k}}/environment) --progress=$({{k}}/progress) $({{k}}/flags) /$1
{{k}}/others = $(SPACK) -e $({{k}}/environment) install $({{k}}/flags) --only-concrete --only=package /$1
{{k}}/install = $({{k}}/plus)$(SPACK_LAUNCHER) $(if $({{k}}/other),$(call {{k}}/others,$1),$(call {{k}}/own,$1))
{{k}}/record = $({{k}}/installer) -e $({{k}}/environment) --finish
{{k}}/views = ! test -e $(call {{k}}/quote,$({{k}}/dir)/.views) || $(SPACK) -e $({{k}}/environment) env view regenerate
{{k}}/touch = {{touch}}
{{k}}/stamp = $(call {{k}}/touch,$@)$(if $(call {{k}}/there,$1),$(call {{k}}/touch,$({{k}}/dir)/{{markFolder}}/$1))
{{k}}/seal = $(if $({{k}}/prefix/$1),! test -e $(call {{k}}/quote,$({{k}}/prefix/$1)/.spack/spec.json) || : >$(call {{k}}/quote,$({{k}}/dir)/{{markFolder}}/$1);) : >$(call {{k}}/quote,$@)

.PHONY: {{phony}}

{{dependencies}}

{{recipes}}

{{installerVariables}}

{{shortNames}}

# What hooks know about packages.
{{hooks}}
