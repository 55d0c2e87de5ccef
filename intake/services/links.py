"""The second pass of an import: parents and dependencies, once all rows have their items."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import Organization
from accounts.permissions import find_access
from backlog.graph import end_of, short_of, start_of
from backlog.models import Dependency, Item
from backlog.selectors.dependencies import name_items
from backlog.services.bulk import link_dependencies, parent_problem, set_parents
from backlog.services.links import lock_links
from intake.graph import refuse_cycles
from intake.models import ExternalLink, ImportLine, ImportRun
from intake.services.runs import add_to_run

LARGEST_CYCLE_SHOWN = 12
UNKNOWN = "“{}” is no row of this file and was not imported before."


def link_rows(*, run: ImportRun) -> None:
    """Set the parents and hard dependencies that the rows of the run name. A link that cannot be made is refused and listed; its row stays."""
    lock_links(organization_id=run.organization_id)
    linker = _Linker(run)
    linker.make()
    ImportLine.objects.bulk_create(linker.lines)
    add_to_run(run, links=linker.made, links_refused=len(linker.lines))


@dataclass
class _Wanted:
    """A link that a row asks for: a parent above its child, or a blocker before the blocked."""

    row: ExternalLink
    field: str
    first: Item
    second: Item
    edges: tuple[tuple[int, int], ...]
    is_refused: bool = False


@dataclass
class _Linker:
    run: ImportRun
    lines: list[ImportLine] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.links = list(
            ExternalLink.objects.filter(organization=self.run.organization_id, run=self.run)
            .exclude(imported__parent="", imported__blocks=[], imported__blocked_by=[])
            .select_related("item__team", "item__train")
            .order_by("imported__row", "id")
        )
        organization = Organization.objects.get(pk=self.run.organization_id)
        self.access = find_access(user=self.run.by, slug=organization.slug) if self.run.by else None
        self.items = self._targets()

    def _targets(self) -> dict[tuple[str, str], Item]:
        """(source, name) to the item: by external id, by second key, and by the title of an epic or feature of the file."""
        names: dict[str, set[str]] = {}
        for link in self.links:
            said = link.imported
            names.setdefault(link.source, set()).update({said["parent"], *said["blocks"], *said["blocked_by"]} - {""})
        found: dict[tuple[str, str], Item] = {}
        reachable = self._reachable()
        for source, wanted in names.items():
            listed = sorted(wanted)
            links = ExternalLink.objects.filter(reachable, organization=self.run.organization_id, source=source).select_related(
                "item__team", "item__train"
            )
            for link in links.filter(imported__kind__in=["epic", "feature"], imported__title__in=listed):
                found[source, link.imported["title"]] = link.item
            for link in links.filter(imported__aliases__has_any_keys=listed):
                found |= {(source, alias): link.item for alias in link.imported["aliases"]}
            for link in links.filter(external_id__in=listed):
                found[source, link.external_id] = link.item
        return found

    def _reachable(self) -> Q:
        """Items that whoever imports may see; what is hidden from them cannot be linked, nor found out about."""
        if self.run.by is None:
            return Q()
        if self.access is None:
            return Q(item__team=self.run.team_id)
        return Q(item__team__in=self.access.visible_teams()) | Q(item__train__isnull=False)

    def make(self) -> None:
        """Set the parents, then the dependencies; what contradicts them or what stands is refused, the later of the file first."""
        parents, blocks = self._wanted_parents(), self._wanted_blocks()
        wanted = [*parents, *blocks]
        if not wanted:
            return
        for index, nodes in refuse_cycles(self._standing(parents), [link.edges for link in wanted]).items():
            link = wanted[index]
            self._refuse(link.row, link.field, f"They would wait for each other: {self._round(short_of(nodes))}.")
            link.is_refused = True
        cause = f"import {self.run.file_name}"
        kept = [(link.first, link.second) for link in parents if not link.is_refused]
        set_parents(pairs=[(child, parent) for parent, child in kept], by=self.run.by, cause=cause)
        pairs = [(link.first, link.second) for link in blocks if not link.is_refused]
        self.made += len(kept) + link_dependencies(pairs=pairs, by=self.run.by, cause=cause)

    def _wanted_parents(self) -> list[_Wanted]:
        wanted = []
        for link in self.links:
            name = link.imported["parent"]
            parent = self.items.get((link.source, name)) if name else None
            if name and parent is None:
                self._refuse(link, "parent", UNKNOWN.format(name[:60]))
            elif parent is not None and (problem := parent_problem(child=link.item, parent=parent)):
                self._refuse(link, "parent", problem)
            elif parent is not None and link.item.parent_id != parent.pk:
                edges = ((start_of(parent.pk), start_of(link.item_id)), (end_of(link.item_id), end_of(parent.pk)))
                wanted.append(_Wanted(link, "parent", parent, link.item, edges))
        return wanted

    def _wanted_blocks(self) -> list[_Wanted]:
        wanted: dict[tuple[int, int], _Wanted] = {}
        for link in self.links:
            for field_, name in self._named(link):
                other = self.items.get((link.source, name))
                if other is None:
                    self._refuse(link, field_, UNKNOWN.format(name[:60]))
                    continue
                blocker, blocked = (link.item, other) if field_ == "blocks" else (other, link.item)
                if blocker.pk == blocked.pk:
                    self._refuse(link, field_, "It would wait for itself.")
                    continue
                edge = (end_of(blocker.pk), start_of(blocked.pk))
                wanted.setdefault((blocker.pk, blocked.pk), _Wanted(link, field_, blocker, blocked, (edge,)))
        return list(wanted.values())

    def _standing(self, moving: list[_Wanted]) -> Iterator[tuple[int, int]]:
        """What comes before what already, as `backlog.graph` says it; a child that gets another parent leaves its old one."""
        moved = {link.second.pk for link in moving}
        items = Item.objects.for_organization(self.run.organization_id)
        linked: set[int] = {item.pk for link in self.links for item in (link.item,)} | {item.pk for item in self.items.values()}
        for child, parent in items.filter(parent__isnull=False).exclude(pk__in=moved).values_list("id", "parent_id"):
            linked |= {child, parent}
            yield start_of(parent), start_of(child)
            yield end_of(child), end_of(parent)
        hard = Dependency.objects.for_organization(self.run.organization_id).filter(kind=Dependency.Kind.BLOCKS)
        for blocker, blocked in hard.values_list("blocker_id", "blocked_id"):
            linked |= {blocker, blocked}
            yield end_of(blocker), start_of(blocked)
        for pk in linked:
            yield start_of(pk), end_of(pk)

    def _named(self, link: ExternalLink) -> Iterator[tuple[str, str]]:
        for field_ in ("blocks", "blocked_by"):
            for name in link.imported[field_]:
                yield field_, name

    def _round(self, items: list[int]) -> str:
        """The way round, by key, the first named again at the end; a long one is cut in the middle."""
        items = items[:-1] if len(items) > 1 and items[0] == items[-1] else items
        keys = name_items(organization_id=self.run.organization_id, item_ids=[*items, items[0]], access=self.access)
        if len(keys) > LARGEST_CYCLE_SHOWN:
            keys = [*keys[:6], f"… {len(keys) - 11} more …", *keys[-5:]]
        return " → ".join(keys)

    def _refuse(self, link: ExternalLink, name: str, reason: str) -> None:
        header = next((header for header, field_ in self.run.mapping.items() if field_ == name), "")
        self.lines.append(
            ImportLine(
                organization_id=self.run.organization_id,
                run=self.run,
                row=link.imported["row"],
                column=header[:200],
                outcome=ImportLine.Outcome.LINK,
                reason=reason[:500],
                item_key=link.item.key,
            )
        )
