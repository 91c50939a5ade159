"""The figures of the layout, on houses small enough to count by hand."""

from pathlib import PurePosixPath

from tests.bench.house import House, Plan


def plan(**imports: str) -> Plan:
    """Return the plan of rooms that import the ones named, a letter each."""
    return Plan(frozenset(imports), frozenset((by, of) for by, names in imports.items() for of in names))


def test_the_floors_are_the_longest_chain() -> None:
    assert plan(a="bc", b="c", c="", d="").floors == 3
    assert plan(a="", b="").floors == 1
    assert plan().floors == 0


def test_a_circle_is_one_floor_and_is_named() -> None:
    circle = plan(a="b", b="c", c="b")
    assert circle.floors == 2
    assert circle.in_circles == ["b", "c"]


def test_arrows_lead_between_rooms_and_only_where_the_program_runs() -> None:
    house = House(
        {
            PurePosixPath("reconcile/__init__.py"): "",
            PurePosixPath(
                "reconcile/job.py"
            ): "from reconcile.stores import s3\nimport reconcile.model.row\n",
            PurePosixPath("reconcile/model/__init__.py"): "",
            PurePosixPath("reconcile/model/row.py"): "if TYPE_CHECKING:\n    from reconcile import job\n",
            PurePosixPath("reconcile/stores/__init__.py"): "",
            PurePosixPath(
                "reconcile/stores/s3.py"
            ): "def read():\n    from reconcile.stores.aws import call\n",
            PurePosixPath("reconcile/stores/aws.py"): "def call():\n    return 1\n",
        }
    )
    assert house.plan("reconcile").arrows == {("job", "model"), ("job", "stores")}
    assert house.plan("reconcile/stores").arrows == {("s3", "aws")}
    assert house.folders == {"reconcile": 1, "reconcile/model": 1, "reconcile/stores": 2}
    assert house.functions == [(2, "reconcile.stores.s3.read"), (2, "reconcile.stores.aws.call")]
