"""Walks over the DAG, in the orders that search paths and flags depend on."""

from collections import deque

_flags = {"link": 1, "run": 2, "build": 4, "test": 8}
LINK, RUN, BUILD, TEST, ALL = 1, 2, 4, 8, 15


def depflag_of(deptype):
    """A mask for a deptype, several of them, `all`, or a mask."""
    if isinstance(deptype, int):
        return deptype
    if deptype in ("all", None):
        return ALL
    names = (deptype,) if isinstance(deptype, str) else deptype
    return sum(_flags[name] for name in set(names))


def sorted_edges(edges):
    return sorted(edges, key=lambda edge: (edge.spec.name, edge.depflag))


def traverse_edges(
    spec, root=True, order="pre", cover="nodes", direction="children", deptype="all", depth=False, key=None, visited=None
):
    """Edges below a spec; an edge without a parent leads to the spec itself."""
    walk = _Walk(order, cover, direction, depflag_of(deptype), set() if visited is None else visited)
    for found_depth, edge in walk.run(spec):
        if root or found_depth > 0:
            yield (found_depth, edge) if depth else edge


class RootEdge:
    """Leads from nowhere to where a walk begins."""

    parent, depflag, virtuals, direct = None, 0, (), True

    def __init__(self, spec):
        self.spec = spec


class _Walk:
    def __init__(self, order, cover, direction, depflag, seen):
        if order not in ("pre", "post", "breadth", "topo"):
            raise ValueError("there is no order {!r} of a walk".format(order))
        self.order = order
        self.cover = cover
        self.direction = direction
        self.depflag = depflag
        self.seen = seen

    def run(self, spec):
        start = RootEdge(spec)
        if self.order == "topo":
            edges = topological_edges([start], self._neighbors, all_edges=self.cover == "edges")
            return ((0 if edge is start else 1, edge) for edge in edges)
        if self.order == "breadth":
            return self._breadth(start)
        return self._depth(start, 0)

    def _neighbors(self, edge):
        if self.direction == "parents":
            return [_Turned(each) for each in edge.spec.edges_from_dependents(depflag=self.depflag)]
        return sorted_edges(edge.spec.edges_to_dependencies(depflag=self.depflag))

    def _enter(self, edge):
        """Whether the edge counts, and whether to go on from its end."""
        node = edge.spec.dag_hash()
        is_new = node not in self.seen
        self.seen.add(node)
        if self.cover == "paths":
            return True, True
        return is_new or self.cover == "edges", is_new

    def _depth(self, edge, depth):
        counts, goes_on = self._enter(edge)
        if counts and self.order == "pre":
            yield depth, edge
        if goes_on:
            for each in self._neighbors(edge):
                for found in self._depth(each, depth + 1):
                    yield found
        if counts and self.order == "post":
            yield depth, edge

    def _breadth(self, start):
        waiting = deque([(0, start)])
        while waiting:
            depth, edge = waiting.popleft()
            counts, goes_on = self._enter(edge)
            if counts:
                yield depth, edge
            if goes_on:
                waiting.extend((depth + 1, each) for each in self._neighbors(edge))


class _Turned:
    """An edge seen from its child."""

    def __init__(self, edge):
        self.spec, self.parent = edge.parent, edge.spec
        self.depflag, self.virtuals, self.direct = edge.depflag, edge.virtuals, edge.direct


def topological_edges(starts, neighbors, all_edges):
    """Edges so that all that lead to a node come before those that leave it, and near ones first. `neighbors` gives the
    edges to follow from an edge. With `all_edges` each edge, otherwise the last one to each node."""
    below, counts = _reachable(starts, neighbors)
    waiting = deque([None])
    while waiting:
        for edge in below.get(waiting.popleft(), ()):
            node = edge.spec.dag_hash()
            counts[node] -= 1
            if all_edges or counts[node] == 0:
                yield edge
            if counts[node] == 0:
                waiting.append(node)


def _reachable(starts, neighbors):
    """Edges by the node that they leave, and how many lead to each node."""
    below, counts, seen = {}, {}, set()
    waiting = deque(starts)
    while waiting:
        edge = waiting.popleft()
        node = edge.spec.dag_hash()
        counts[node] = counts.get(node, 0) + 1
        below.setdefault(edge.parent and edge.parent.dag_hash(), []).append(edge)
        if node not in seen:
            seen.add(node)
            waiting.extend(neighbors(edge))
    return below, counts


def build_and_link_specs(spec):
    """Direct build and test dependencies and all that are linked, nearer ones first."""
    first = RootEdge(spec)

    def neighbors(edge):
        if edge is first:
            return sorted_edges(spec.edges_to_dependencies(depflag=BUILD | TEST | LINK))
        return sorted_edges(edge.spec.edges_to_dependencies(depflag=LINK)) if edge.depflag & LINK else []

    # A spec that is both built with and linked is entered by its linking edge only.
    return [edge.spec for edge in _mixed(first, neighbors) if edge is not first]


def _mixed(first, neighbors):
    below, counts, entered = {None: [first]}, {first.spec.dag_hash(): 1}, {first.spec.dag_hash()}
    waiting = deque([first])
    while waiting:
        edge = waiting.popleft()
        for each in neighbors(edge):
            node = each.spec.dag_hash()
            counts[node] = counts.get(node, 0) + 1
            below.setdefault(each.parent.dag_hash(), []).append(each)
            if each.depflag & LINK and node not in entered:
                entered.add(node)
                waiting.append(each)
    waiting = deque([None])
    while waiting:
        for edge in below.get(waiting.popleft(), ()):
            node = edge.spec.dag_hash()
            counts[node] -= 1
            if counts[node] == 0:
                yield edge
                waiting.append(node)
