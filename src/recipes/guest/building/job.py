"""The build that this process runs, as the host described it; None while recipes are only loaded."""

current = None


class Job:
    def __init__(self, request, graph):
        self.spec = graph.specs[request["hash"]]
        self.graph = graph
        #: Configuration and places, see the top of the host's `build-protocol.ts`.
        self.settings = request["settings"]
        self.options = request["options"]
        self.stage = request["stage"]
        self.jobs = request["jobs"]


def start(job):
    global current
    current = job
