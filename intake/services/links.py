"""The second pass of an import: parents and dependencies, once all rows have their items."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import Q

from accounts.models import Organization
from accounts.permissions import find_access
from backlog.models import Dependency, Item
from backlog.services.bulk import link_dependencies, parent_problem, set_parents
from intake.graph import refuse_cycles
from intake.models import ExternalLink, ImportLine, ImportRun
from intake.services.runs import add_to_run

LARGEST_CYCLE_SHOWN = 12


def link_rows(*, run: ImportRun) -> None:
    """Set the parents and hard dependencies that the rows of the run name. A link that cannot be made is refused and listed; its row stays."""
    # One lock an organization: two imports, each without a cycle, must not close one together.
    Organization.objects.select_for_update(no_key=True).get(pk=run.organization_id)
    linker = _Linker(run)
    linker.parents()
    linker.dependencies()
    ImportLine.objects.bulk_create(linker.lines)
    add_to_run(run, links=linker.made, links_refused=len(linker.lines))


@dataclass
class _Linker:
    run: ImportRun
    lines: list[ImportLine] = field(default_factory=list)
    made: int = 0

    def __post_init__(self) -> None:
        self.links = list(
            ExternalLink.objects.filter(organization=self.run.organization_id, run=self.run)
            .exclude(imported__parent="", imported__blocks=[], imported__blocked_by=[])
            .select_related("item")
            .order_by("imported__row", "id")
        )
        self.items = self._targets()
        self.keys = {item.pk: item.key for item in self.items.values()} | {link.item_id: link.item.key for link in self.links}

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
            links = ExternalLink.objects.filter(reachable, organization=self.run.organization_id, source=source).select_related("item")
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
        organization = Organization.objects.get(pk=self.run.organization_id)
        access = find_access(user=self.run.by, slug=organization.slug)
        if access is None:
            return Q(item__team=self.run.team_id)
        return Q(item__team__in=access.visible_teams()) | Q(item__train__isnull=False)

    def parents(self) -> None:
        wanted: dict[tuple[int, int], tuple[ExternalLink, Item]] = {}
        for link in self.links:
            name = link.imported["parent"]
            parent = self.items.get((link.source, name)) if name else None
            if name and parent is None:
                self._refuse(link, "parent", f"“{name[:60]}” is no row of this file and was not imported before.")
            elif parent is not None and (problem := parent_problem(child=link.item, parent=parent)):
                self._refuse(link, "parent", problem)
            elif parent is not None:
                wanted[link.item_id, parent.pk] = (link, parent)
        moving = {child for child, _ in wanted}
        standing = (
            Item.objects.for_organization(self.run.organization_id)
            .filter(parent__isnull=False)
            .exclude(pk__in=moving)
            .values_list("id", "parent_id")
        )
        for edge, circle in refuse_cycles(standing, list(wanted)):
            link, _ = wanted.pop(edge)
            self._refuse(link, "parent", f"It would lie below itself: {self._round(circle)}.")
        set_parents(pairs=[(link.item, parent) for link, parent in wanted.values()], by=self.run.by, cause=f"import {self.run.file_name}")
        self.made += len(wanted)

    def dependencies(self) -> None:
        wanted: dict[tuple[int, int], tuple[ExternalLink, str, Item, Item]] = {}
        for link in self.links:
            for name, blocker, blocked in self._named(link):
                if blocker is None or blocked is None:
                    other = next(ref for ref in (*link.imported["blocks"], *link.imported["blocked_by"]) if ref == name[1])
                    self._refuse(link, name[0], f"“{other[:60]}” is no row of this file and was not imported before.")
                else:
                    wanted.setdefault((blocker.pk, blocked.pk), (link, name[0], blocker, blocked))
        existing = Dependency.objects.for_organization(self.run.organization_id).filter(kind=Dependency.Kind.BLOCKS)
        for edge, cycle in refuse_cycles(existing.values_list("blocker_id", "blocked_id"), list(wanted)):
            link, name_, _, _ = wanted.pop(edge)
            reason = "It would wait for itself." if edge[0] == edge[1] else f"The link closes a cycle: {self._round(cycle)}."
            self._refuse(link, name_, reason)
        self.made += link_dependencies(
            pairs=[(blocker, blocked) for _, _, blocker, blocked in wanted.values()], by=self.run.by, cause=f"import {self.run.file_name}"
        )

    def _named(self, link: ExternalLink) -> Iterable[tuple[tuple[str, str], Item | None, Item | None]]:
        for ref in link.imported["blocks"]:
            yield ("blocks", ref), link.item, self.items.get((link.source, ref))
        for ref in link.imported["blocked_by"]:
            yield ("blocked_by", ref), self.items.get((link.source, ref)), link.item

    def _round(self, nodes: list[int]) -> str:
        """The way round, by key, the first named again at the end; a long one is cut in the middle."""
        if missing := set(nodes) - set(self.keys):
            self.keys |= dict(Item.objects.for_organization(self.run.organization_id).filter(pk__in=missing).values_list("id", "key"))
        keys = [self.keys.get(node, "another item") for node in [*nodes, nodes[0]]]
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
