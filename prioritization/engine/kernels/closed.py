"""Components that need no solver, one at a time: what `engine.closed_forms` settles for a whole graph at once, and in the same order."""

from prioritization.engine.closed_forms import EXACT_PRODUCT
from prioritization.engine.compiled import Vector, kernel, mark, release
from prioritization.engine.kernels.piece import by_density

_EXACT_PRODUCT = int(EXACT_PRODUCT)
_FALLING, _STAR, _OTHER = range(3)


@kernel
def _kind(weight: Vector, size: Vector, offset: Vector, blocker: Vector) -> int:
    """Whether a component has no violated edge, is a star around its last node, or needs the solver."""
    count = len(weight)
    heaviest, largest, kind = 0, 0, _FALLING
    for node in range(count):
        heaviest, largest = max(heaviest, weight[node]), max(largest, size[node])
        if not weight[node] and not size[node]:
            kind = _STAR
    if heaviest * largest >= _EXACT_PRODUCT:
        return _OTHER
    is_star = offset[count - 1] == 0  # only the last one is blocked
    for node in range(count):
        for edge in range(offset[node], offset[node + 1]):
            other = blocker[edge]
            if weight[node] * size[other] > weight[other] * size[node]:
                kind = _STAR
        if kind == _STAR and not is_star:
            return _OTHER
    return kind


@kernel
def is_settled(scratch: Vector, weight: Vector, size: Vector, offset: Vector, blocker: Vector, sequence: Vector, label: Vector) -> bool:
    """Write the order and the blocks of a component without a violated edge, or of a star; answer whether it is one."""
    count = len(weight)
    kind = _kind(weight, size, offset, blocker)
    if kind == _OTHER:
        return False
    taken = mark(scratch)
    tied = count - kind  # the centre of a star comes last
    order = by_density(scratch, weight[:tied], size[:tied]).places
    for at in range(tied):
        sequence[at] = label[at] = order[at]
    if kind == _STAR:
        sequence[tied] = label[tied] = tied
        _pool(weight, size, sequence, label)
    release(scratch, taken)
    return True


@kernel
def _pool(weight: Vector, size: Vector, sequence: Vector, label: Vector) -> None:
    """Let the last of the sequence take in what comes before it from the least dense on, while that is less dense than all it has."""
    at = len(sequence) - 1
    centre = sequence[at]
    gathered_weight, gathered_size = weight[centre], size[centre]
    if not gathered_weight and not gathered_size:  # the first of the least dense
        while at > 1 and weight[sequence[at - 1]] * size[sequence[at - 2]] == weight[sequence[at - 2]] * size[sequence[at - 1]]:
            at -= 1
        at -= 1
        label[at] = centre
        return
    while at:
        node = sequence[at - 1]
        if weight[node] * gathered_size >= gathered_weight * size[node]:
            return
        at -= 1
        label[at] = centre
        gathered_weight += weight[node]
        gathered_size += size[node]
