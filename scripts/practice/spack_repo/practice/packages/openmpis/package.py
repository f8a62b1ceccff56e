from spack.package import *


class Openmpis(Package):
    """Passes messages."""

    url = "https://example.com/openmpis-5.0.6.tar.gz"

    version("5.0.6", sha256="0" * 64)
    version("4.1.7", sha256="1" * 64)
    version("3.1.6", sha256="2" * 64)

    variant(
        "fabrics",
        values=disjoint_sets(("auto",), ("psm", "ucxs", "verbs"), ("none",))
        .with_non_feature_values("auto", "none")
        .with_default("none"),
        description="Networks",
    )
    variant(
        "schedulers",
        values=disjoint_sets(("auto",), ("slurm", "lsf"), ("none",))
        .with_non_feature_values("auto", "none")
        .with_default("none"),
        description="Who starts it",
    )
    variant("cuda", default=False, description="Devices")
    variant("legacy", default=False, when="@:4", description="Old starters")
    variant("romio", default=True, when="@3:", description="Files")
    variant("static", default=False, description="Static libraries")

    provides("mpi@:3.1", when="@3:")
    provides("mpi@:3.0", when="@:2")

    depends_on("c", type="build")
    depends_on("cxx", type="build")
    depends_on("fortran", type="build")
    depends_on("perls", type="build", when="@5:")
    depends_on("gmake", type="build")
    depends_on("hwlocs")
    depends_on("hwlocs@2:", when="@4:")
    depends_on("hwlocs+cuda", when="+cuda")
    depends_on("zlib-api")

    conflicts("fabrics=psm", when="@5:")
    conflicts("schedulers=lsf ~static", when="@3")
    requires("~legacy", when="schedulers=slurm @4:", msg="they have their own")
