"""Steps: what a plan's builds, notebooks and pages need, do, and leave behind."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from compendium import execute, inputs
from compendium.build import build_in_child, failure
from compendium.claims import COLUMNS, read_claims
from compendium.datapackage import PACKAGE, read_resource, read_resources
from compendium.errors import UserError
from compendium.inputs import FileHashes, digest
from compendium.plan import PLAN, Build, Notebook, Plan
from compendium.reviewpages import RECORD, review_places
from compendium.sources import SOURCES, RawFiles

CLAIMS = "results/claims.csv"
TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Step:
    """One unit of work.

    Attributes
    ----------
    inputs : callable
        Returns name and hash of everything that the outputs depend on, as it is now.
    run : callable
        Writes every output below the stage that it is given; returns measures such as ``peak_megabytes``.
    outputs : tuple of str
        Paths in the checkout.
    after : tuple of str
        Steps that come before this one when both run.
    """

    name: str
    kind: str
    inputs: Callable[[], dict[str, str]]
    run: Callable[[Path], Mapping[str, float]]
    outputs: tuple[str, ...]
    after: tuple[str, ...] = ()
    seconds: float = field(default=2.0, compare=False)


@dataclass(frozen=True)
class Workshop:
    """What all steps share: the plan, overridden parameters, hashes, the raw folder, what the lock pins."""

    plan: Plan
    hashes: FileHashes
    environment: str
    parameters: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    raw: Path | None = None

    @property
    def raw_files(self) -> RawFiles:
        """What is declared of raw files, and where they are."""
        return RawFiles(self.plan.root, self.raw)

    def files(self, paths: Iterable[str]) -> dict[str, str]:
        """Return path and hash of files in the checkout."""
        return {path: self.hashes(self.plan.root / path) for path in paths}

    def modules(self, names: Iterable[str]) -> dict[str, str]:
        """Return file and hash of every module of ours that ``names`` reach."""
        found = inputs.module_files(self.plan.root, self.plan.packages, names)
        return {label: self.hashes(path) for label, path in found.items()}


def all_steps(shop: Workshop) -> list[Step]:
    """Return the steps of a plan in an order in which they can run."""
    plan = shop.plan
    builds = [
        build_step(shop, build)
        for build in plan.builds
        if shop.raw and not shop.raw_files.missing(build.raw.values(), f"{PLAN} [[build]] {build.name}")
    ]
    makers = {table: f"table:{build.name}" for build in plan.builds for table in build.makes}
    there = {step.name for step in builds}
    notebooks = [notebook_step(shop, notebook, makers) for notebook in plan.notebooks]
    steps = [*builds, *notebooks]
    if notebooks:
        steps.append(claims_step(shop))
        steps += [page_step(shop, notebook) for notebook in plan.notebooks]
    texts = sorted((plan.root / "notebooks").glob("*.md"))
    steps += [text_step(shop, path) for path in texts]
    if texts:
        steps.append(data_step(shop))
    makers_of: dict[str, str] = {}
    for step in steps:
        for path in step.outputs:
            if makers_of.setdefault(path, step.name) != step.name:
                raise UserError(f"{path}: declared by {makers_of[path]} and by {step.name}; a file has one maker")
    known = there | {step.name for step in steps}
    return [Step(**{**step.__dict__, "after": tuple(a for a in step.after if a in known)}) for step in steps]


def table_paths(plan: Plan, names: Iterable[str], where: str) -> list[str]:
    """Return the files of tables by name, or say which name ``where`` gives and the Data Package does not."""
    return [str(read_resource(name, plan.root, where)["path"]) for name in names]


def build_step(shop: Workshop, build: Build) -> Step:
    """Return the step that makes tables from raw files."""
    plan, where = shop.plan, f"{PLAN} [[build]] {build.name}"
    made, read = table_paths(plan, build.makes, where), table_paths(plan, build.tables, where)
    makers = {table: f"table:{other.name}" for other in plan.builds for table in other.makes}
    sources, folder = build.raw.values(), shop.raw or plan.root

    def step_inputs() -> dict[str, str]:
        known = read_resources(plan.root)
        raw = {
            f"raw {source_id}": digest([shop.hashes(folder / path) for path in files])
            for source_id, files in shop.raw_files.hashes(sources, where).items()
        }
        schema = {f"{PACKAGE} {name}": digest(known[name]) for name in build.makes}
        modules = shop.modules([build.function.split(":")[0], "compendium.tables"])
        return {"environment": shop.environment, **raw, **schema, **shop.files([*read, *build.reads]), **modules}

    def run(stage: Path) -> Mapping[str, float]:
        told = build_in_child(plan, build, folder, stage)
        wrong = shop.raw_files.wrong(sources, where, shop.hashes)
        if "error" in told and "fault" not in told and told["phase"] == "building":
            raise UserError(told["error"])  # what the reader of the file says is more than that its hash is wrong
        if wrong:
            raise UserError(wrong)
        if "error" in told:
            raise failure(told)
        return told

    after = tuple(dict.fromkeys(makers[table] for table in build.tables if table in makers))
    return Step(f"table:{build.name}", "table", step_inputs, run, tuple(made), after, 10.0)


def missing_raw(shop: Workshop) -> str | None:
    """Return the path of the first declared raw file that is not in the raw folder."""
    for build in shop.plan.builds:
        missing = shop.raw_files.missing(build.raw.values(), f"{PLAN} [[build]] {build.name}")
        if missing:
            return missing
    return None


def notebook_step(shop: Workshop, notebook: Notebook, makers: Mapping[str, str]) -> Step:
    """Return the step that executes a notebook."""
    plan, where = shop.plan, f"compendium.toml [notebook.{notebook.name}]"
    reads = [*table_paths(plan, notebook.tables, where), *notebook.reads]
    parameters = dict(shop.parameters.get(notebook.name, {}))
    for design in notebook.designs:
        if design not in plan.designs:
            raise UserError(
                f"{where}: got the design {design!r}, expected one of {', '.join(plan.designs)}; declare [design.{design}]"
            )
    written_by = {
        path: other.name
        for other in plan.notebooks
        for path in (other.executed, other.claims, *other.exhibit_files)
        if other.name != notebook.name
    }

    def step_inputs() -> dict[str, str]:
        known = read_resources(plan.root)
        return {
            "environment": shop.environment,
            f"notebooks/{notebook.name}.ipynb": inputs.notebook_cells(notebook),
            "parameters": digest(parameters),
            "outputs": digest(notebook.exhibit_files),
            **{f"compendium.toml [design.{name}]": digest(plan.designs[name]) for name in notebook.designs},
            **{f"{PACKAGE} {name}": digest(known[name]) for name in notebook.tables},
            **shop.files(reads),
            **modules(),
        }

    def modules() -> dict[str, str]:
        return shop.modules([*inputs.notebook_modules(notebook), "compendium.notebook", "compendium.execute"])

    def run(stage: Path) -> Mapping[str, float]:
        return execute.execute(plan, notebook, parameters, reads, list(modules()), stage)

    makes = [makers[table] for table in notebook.tables if table in makers]
    makes += [written_by[path] for path in notebook.reads if path in written_by]
    outputs = (notebook.executed, notebook.claims, *notebook.exhibit_files)
    return Step(notebook.name, "notebook", step_inputs, run, outputs, tuple(dict.fromkeys(makes)), 20.0)


def claims_step(shop: Workshop) -> Step:
    """Return the step that puts the claims of all notebooks into one file."""
    plan = shop.plan
    parts = [notebook.claims for notebook in plan.notebooks]

    def run(stage: Path) -> Mapping[str, float]:
        rows, seen = [",".join(COLUMNS)], dict[str, str]()
        for part in parts:
            if not (plan.root / part).is_file():
                continue
            for row in read_claims(plan.root / part):
                if row["name"] in seen:
                    raise UserError(f"{part}: claim {row['name']} is also stated by {seen[row['name']]}; rename one")
                seen[row["name"]] = row["notebook"]
            rows += (plan.root / part).read_text(encoding="utf-8").split("\n", 1)[1].rstrip("\n").splitlines()
        (stage / CLAIMS).parent.mkdir(parents=True)
        (stage / CLAIMS).write_text("\n".join(rows) + "\n", encoding="utf-8", newline="\n")
        return {}

    return Step(
        "claims", "claims", lambda: shop.files(parts), run, (CLAIMS,), tuple(n.name for n in plan.notebooks), 0.1
    )


def page_step(shop: Workshop, notebook: Notebook) -> Step:
    """Return the step that turns an executed notebook into a page."""
    plan, path = shop.plan, f"site/{notebook.name}.html"

    def run(stage: Path) -> Mapping[str, float]:
        from compendium import pages

        claims = read_claims(plan.root / notebook.claims)
        text = pages.notebook_page(
            plan.root / notebook.executed,
            name=notebook.name,
            notebooks=_titles(plan),
            claims=claims,
            title=plan.title,
            tables={table: f"tables/{table}.html" for table in read_resources(plan.root)},
            footer=plan.footer,
        )
        _write(stage / path, text)
        return {}

    return Step(
        f"page:{notebook.name}", "page", lambda: _page_inputs(shop, [notebook.executed, notebook.claims]), run, (path,),
        (notebook.name,),
    )  # fmt: skip


def text_step(shop: Workshop, source: Path) -> Step:
    """Return the step that makes a page from a Markdown file beside the notebooks, and the claims."""
    plan, path = shop.plan, f"site/{source.stem}.html"
    relative = source.relative_to(plan.root).as_posix()
    figures = [f"figures/{name}.svg" for notebook in plan.notebooks for name in notebook.figures]
    files = [relative, CLAIMS, RECORD, *figures]

    def step_inputs() -> dict[str, str]:
        exhibits = digest([[n.name, n.figures, n.exhibits, inputs.notebook_cells(n)] for n in plan.notebooks])
        return {**_page_inputs(shop, files), **shop.modules(["compendium.reviewpages"]), f"{PLAN} exhibits": exhibits}

    def run(stage: Path) -> Mapping[str, float]:
        from compendium import pages

        text = pages.text_page(
            source, claims=read_claims(plan.root / CLAIMS), notebooks=_titles(plan), title=plan.title, root=plan.root,
            footer=plan.footer, places=review_places(plan),
        )  # fmt: skip
        _write(stage / path, text)
        return {}

    return Step(f"page:{source.stem}", "page", step_inputs, run, (path,), ("claims",))


def data_step(shop: Workshop) -> Step:
    """Return the step that makes the pages on the data: a list of tables, and a page each."""
    plan = shop.plan
    from compendium.datapages import paths

    def step_inputs() -> dict[str, str]:
        read = [PACKAGE, SOURCES, *(str(resource["path"]) for resource in read_resources(plan.root).values())]
        builds = digest([[build.function, build.raw, build.tables, build.makes] for build in plan.builds])
        readers = digest([[notebook.name, notebook.title, notebook.tables] for notebook in plan.notebooks])
        own = shop.modules(["compendium.datapages"])
        return {**_page_inputs(shop, read), **own, f"{PLAN} builds": builds, f"{PLAN} readers": readers}

    def run(stage: Path) -> Mapping[str, float]:
        from compendium.datapages import data_pages

        for path, text in data_pages(plan).items():
            _write(stage / path, text)
        return {}

    makers = tuple(f"table:{build.name}" for build in plan.builds)
    return Step("page:data", "page", step_inputs, run, tuple(paths(plan)), makers)


def _page_inputs(shop: Workshop, paths: list[str]) -> dict[str, str]:
    templates = [path for path in sorted(TEMPLATES.rglob("*")) if path.is_file() and "__pycache__" not in path.parts]
    return {
        "environment": shop.environment,
        "titles": digest([shop.plan.title, _titles(shop.plan), shop.plan.footer]),
        f"{PACKAGE} paths": digest({name: r["path"] for name, r in read_resources(shop.plan.root).items()}),
        **shop.files(paths),
        **{f"templates/{path.relative_to(TEMPLATES).as_posix()}": shop.hashes(path) for path in templates},
        **shop.modules(["compendium.pages"]),
    }


def _titles(plan: Plan) -> list[dict[str, str]]:
    return [{"name": n.name, "title": n.title, "question": n.question} for n in plan.notebooks]


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def environment_hash(root: Path) -> str:
    """Return a hash of the Python version and of what the lock pins: another lock reruns all."""
    lock = root / "requirements.lock"
    return digest([sys.version_info[:2], lock.read_text(encoding="utf-8") if lock.is_file() else ""])
