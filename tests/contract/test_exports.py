"""Exports of the table: whole ones give what a scan gives, and of any other it is said what is wrong."""

import gzip
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from reconcile.model.catalog import RowKey
from reconcile.model.clock import write_time
from reconcile.model.run import Receipt
from reconcile.model.search_record import Image
from reconcile.stores.exports import ExportedRows, ExportedTable
from reconcile.stores.object_parts import S3ObjectParts
from reconcile.wiring import Wiring
from tests.contract.conftest import unique
from tests.contract.harness import AT, Item, at_once, row, scanned
from tests.doubles.exports import BUCKET, REGION, ExportBucket, changes, checksum, head
from tests.doubles.memory import MemoryTable

HOUR = timedelta(hours=1)
TABLE = "application"
PK = "u#ann#programs"


def table(**titles: str) -> dict[tuple[str, str], Item]:
    """Return programs by their keys, each with a title and what nobody may keep."""
    return {
        (PK, f"p#{name}"): row(PK, f"p#{name}", programId=name, title=title, streamKey="sk_secret")
        for name, title in titles.items()
    }


@pytest.fixture
def exports() -> ExportBucket:
    """An empty bucket of exports."""
    return ExportBucket(TABLE)


def read(exports: ExportBucket, *addresses: str, name: str = TABLE, region: str = REGION) -> Any:
    """Read some exports an hour after AT; return the titles by program, and the receipt."""
    reader = ExportedRows(
        ExportedTable(name, region, addresses), exports, MemoryTable(TABLE), lambda: AT + HOUR
    )
    rows, receipt = scanned(reader)
    assert "secret" not in repr(rows)
    return titles(rows), receipt


def titles(rows: list[Image]) -> dict[str, str]:
    found = {image["programId"]["S"]: image["title"]["S"] for image in rows}
    assert len(found) == len(rows)
    return found


def broken(receipt: Receipt) -> str:
    """Return why an export was not read whole."""
    assert not receipt.whole
    assert "secret" not in receipt.why
    return receipt.why


def test_a_full_export_gives_the_table_as_of_its_moment(exports: ExportBucket) -> None:
    address = exports.full(table(one="1", two="2", three="3").values(), AT)
    found, receipt = read(exports, address)
    assert found == {"one": "1", "two": "2", "three": "3"}
    assert (receipt.source, receipt.whole, receipt.doubt) == (f"dynamodb:{TABLE}", True, "")
    assert (receipt.items, receipt.units, receipt.as_of) == (3, 0.0, AT)
    assert (receipt.requests, receipt.bytes) == (exports.requests, exports.size)
    assert receipt.detail["exports"] == [address.rpartition("/")[2]]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2), (0, 0, 2, 1, 1)], ids=str)
def test_a_chain_gives_the_table_as_of_the_last_in_whatever_order(
    exports: ExportBucket, order: tuple[int, ...]
) -> None:
    first, second = table(kept="1", changed="1", gone="1"), table(kept="1", changed="2", new="2", late="2")
    third = table(kept="1", changed="3", new="2", back="3")
    chain = (
        exports.full(first.values(), AT - 2 * HOUR),
        exports.incremental(changes(first, second, AT - 1.5 * HOUR), AT - 2 * HOUR, AT - HOUR),
        exports.incremental(changes(second, third, AT - 0.5 * HOUR), AT - HOUR, AT),
    )
    found, receipt = read(exports, *(chain[number] for number in order))
    assert found == {"kept": "1", "changed": "3", "new": "2", "back": "3"}
    assert (receipt.whole, receipt.items, receipt.as_of) == (True, 4, AT)


def test_what_was_deleted_and_came_back_is_there(exports: ExportBucket) -> None:
    first = table(one="1")
    chain = (
        exports.full(first.values(), AT - 2 * HOUR),
        exports.incremental(changes(first, {}, AT), AT - 2 * HOUR, AT - HOUR),
        exports.incremental(changes({}, table(one="2"), AT), AT - HOUR, AT),
    )
    assert read(exports, *chain)[0] == {"one": "2"}
    assert read(exports, *chain[:2])[0] == {}


def test_the_newest_full_export_counts_and_what_lies_before_it_is_not_read(exports: ExportBucket) -> None:
    old = exports.full(table(one="1").values(), AT - 3 * HOUR)
    needless = exports.incremental(changes({}, table(two="2"), AT), AT - 3 * HOUR, AT - 2 * HOUR)
    new = exports.full(table(one="2").values(), AT - HOUR)
    across = exports.incremental(changes({}, table(three="3"), AT), AT - 2 * HOUR, AT)
    del exports.objects[f"{old.removeprefix(f's3://{BUCKET}/')}/manifest-files.json"]
    found, receipt = read(exports, old, across, needless, new, new)
    assert (found, receipt.whole) == ({"one": "2", "three": "3"}, True)
    assert receipt.detail["exports"] == [address.rpartition("/")[2] for address in (new, across)]


@pytest.mark.parametrize("write", [lambda n: {"N": str(n)}, int, str], ids=["N", "number", "text"])
def test_of_several_changes_of_a_row_the_last_written_counts(
    exports: ExportBucket, write: Callable[[int], Any]
) -> None:
    lines = []
    for number in (2, 3, 1):
        image = table(one=str(number))[PK, "p#one"]
        moment = {"WriteTimestampMicros": write(number)}
        lines.append({**head((PK, "p#one"), AT), "Metadata": moment, "NewImage": image})
    chain = exports.full([], AT - HOUR), exports.incremental(lines, AT - HOUR, AT)
    assert read(exports, *chain)[0] == {"one": "3"}


def test_a_row_that_is_exported_twice_is_one_row(exports: ExportBucket) -> None:
    found, receipt = read(exports, exports.full([*table(one="1").values()] * 3, AT))
    assert (found, receipt.whole, receipt.items) == ({"one": "1"}, True, 1)


def test_an_export_of_several_gzip_streams_and_blank_lines_is_read(exports: ExportBucket) -> None:
    address = exports.full(table(one="1", two="2").values(), AT)
    lines = [json.dumps({"Item": item}) for item in table(one="1", three="3").values()]
    replace_file(
        exports, address, gzip.compress(f"{lines[0]}\n\n".encode()) + gzip.compress(lines[1].encode())
    )
    recount(exports, address, 0, 2)
    found, receipt = read(exports, address)
    assert (found, receipt.whole) == ({"one": "1", "two": "2", "three": "3"}, True)


def test_large_files_are_read_as_they_arrive(exports: ExportBucket) -> None:
    many = table(**{f"program{number}": "x" * 3000 for number in range(1500)})
    address = exports.full(many.values(), AT)
    reader = ExportedRows(ExportedTable(TABLE, REGION, (address,)), exports, MemoryTable(TABLE), lambda: AT)
    sizes, receipt = reader.scan(len)
    assert (sum(sizes), receipt.items, max(sizes)) == (1500, 1500, 500)


@pytest.mark.parametrize(("hours", "old"), [(0, False), (26, False), (26.01, True), (240, True)])
def test_an_export_that_is_older_than_26_hours_is_doubted(
    exports: ExportBucket, hours: float, old: bool
) -> None:
    found, receipt = read(exports, exports.full(table(one="1").values(), AT + HOUR - hours * HOUR))
    assert (found, receipt.whole, receipt.trusted) == ({"one": "1"}, True, not old)
    if old:
        assert receipt.doubt.startswith(f"its export shows it as of {write_time(receipt.as_of)}")
        assert f"{hours:.0f} hours ago" in receipt.doubt


def test_rows_and_partitions_are_read_as_they_are_now(exports: ExportBucket) -> None:
    live = MemoryTable(TABLE, table(one="now", new="now"))
    addresses = (exports.full(table(one="then").values(), AT),)
    reader = ExportedRows(ExportedTable(TABLE, REGION, addresses), exports, live, lambda: AT)
    assert titles(scanned(reader)[0]) == {"one": "then"}
    assert titles(reader.rows_of(PK)) == {"one": "now", "new": "now"}
    assert titles(list(reader.rows([RowKey(PK, "p#new")]).values())) == {"new": "now"}


# What is wrong with an export, and what is said of it


def replace_file(exports: ExportBucket, address: str, body: bytes, number: int = 0) -> None:
    """Replace a data file, and let the manifest know its MD5."""
    folder = address.removeprefix(f"s3://{BUCKET}/")
    exports.objects[f"{folder}/data/file{number}.json.gz"] = body
    change_file(exports, address, number, md5Checksum=checksum(body))


def change_file(exports: ExportBucket, address: str, number: int, **facts: Any) -> None:
    """Change what the manifest of the files says of one."""
    key = f"{address.removeprefix(f's3://{BUCKET}/')}/manifest-files.json"
    files = [json.loads(line) for line in exports.objects[key].splitlines()]
    files[number] |= facts
    exports.objects[key] = "\n".join(map(json.dumps, files)).encode()


def recount(exports: ExportBucket, address: str, number: int, items: int) -> None:
    """Let both manifests count other items in a file."""
    folder = address.removeprefix(f"s3://{BUCKET}/")
    change_file(exports, address, number, itemCount=items)
    files = [json.loads(line) for line in exports.objects[f"{folder}/manifest-files.json"].splitlines()]
    key = f"{folder}/manifest-summary.json"
    counted = {"itemCount": sum(file["itemCount"] for file in files)}
    exports.objects[key] = json.dumps(json.loads(exports.objects[key]) | counted).encode()


def test_an_export_without_a_manifest_is_not_read(exports: ExportBucket) -> None:
    address = exports.full(table(one="1").values(), AT)
    for name in ("manifest-files.json", "manifest-summary.json"):
        del exports.objects[f"{address.removeprefix(f's3://{BUCKET}/')}/{name}"]
        found, receipt = read(exports, address)
        assert found == {}
        assert name in broken(receipt)
    assert broken(receipt).endswith("it is not finished, or the address is wrong")


@pytest.mark.parametrize("text", [b"", b"\x00", b"[]", b"{", b"[" * 99_999, b"{}", b'{"Item": 1}', b"null"])
def test_manifests_that_are_none_are_refused(exports: ExportBucket, text: bytes) -> None:
    address = exports.full(table(one="1").values(), AT)
    folder = address.removeprefix(f"s3://{BUCKET}/")
    for name in ("manifest-files.json", "manifest-summary.json"):
        exports.objects[f"{folder}/{name}"] = text
        assert read(exports, address)[0] == {}
        assert not read(exports, address)[1].whole


@pytest.mark.parametrize(
    "lack", ["tableArn", "exportTime", "itemCount", "manifestFilesS3Key", "outputFormat"]
)
@pytest.mark.parametrize("value", [None, "", [], "x"])
def test_a_summary_that_lacks_or_garbles_a_field_is_refused(
    exports: ExportBucket, lack: str, value: Any
) -> None:
    address = exports.full(table(one="1").values(), AT, **{lack: value})
    found, receipt = read(exports, address)
    assert found == {}
    assert address in broken(receipt) or "x" in broken(receipt)


def test_an_export_that_lacks_a_file_or_counts_other_items_is_cut(exports: ExportBucket) -> None:
    address = exports.full(table(one="1", two="2").values(), AT)
    change_file(exports, address, 2, itemCount=1)
    assert "lists 3 items, and the summary counts 2: it is incomplete" in broken(read(exports, address)[1])
    recount(exports, address, 2, 1)
    assert "file2.json.gz holds 0 items, and the manifest counts 1" in broken(read(exports, address)[1])
    recount(exports, address, 2, 0)
    del exports.objects[f"{address.removeprefix(f's3://{BUCKET}/')}/data/file1.json.gz"]
    assert "file1.json.gz is not there" in broken(read(exports, address)[1])


def test_a_file_that_is_cut_changed_or_not_compressed_is_told_from_a_whole_one(exports: ExportBucket) -> None:
    address = exports.full(table(one="1").values(), AT)
    name = f"{address.removeprefix(f's3://{BUCKET}/')}/data/file0.json.gz"
    whole = exports.objects[name]
    replace_file(exports, address, whole[:-9])
    assert "file0.json.gz is cut off" in broken(read(exports, address)[1])
    replace_file(exports, address, whole[:40] + b"\xff" * 9 + whole[49:])
    assert "file0.json.gz is no gzip file, or is damaged" in broken(read(exports, address)[1])
    replace_file(exports, address, b"{}")
    assert "file0.json.gz is no gzip file" in broken(read(exports, address)[1])
    replace_file(exports, address, b"")
    assert "holds 0 items" in broken(read(exports, address)[1])
    replace_file(exports, address, whole)
    assert read(exports, address)[1].whole
    exports.objects[name] = gzip.compress(gzip.decompress(whole), 1, mtime=1)
    assert "file0.json.gz is not as it was exported" in broken(read(exports, address)[1])


@pytest.mark.parametrize(
    "line",
    [
        b"secret",
        b"[]",
        b'"secret"',
        b"{}",
        b'{"Item": null}',
        b'{"Item": {"pk": {"S": "secret"}}}',
        b'{"Item": {"pk": {"S": "secret"}, "sk": {"N": "1"}}}',
        b'{"Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "ivs": "secret"}}',
        b'{"Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "showId": "secret"}}',
        b'{"Item": {"pk": {"S": "a"}, "sk": {"S": "b"}, "tags": {"L": [{"S": 1}]}}}',
        b"[" * 99_999,
        b"\xff\xfe",
    ],
)
def test_a_line_that_is_no_row_is_not_quoted(exports: ExportBucket, line: bytes) -> None:
    address = exports.full(table(one="1").values(), AT)
    replace_file(exports, address, gzip.compress(line + b"\n"))
    found, receipt = read(exports, address)
    assert found == {}
    assert "file0.json.gz holds a line that is no row with text keys pk and sk" in broken(receipt)


@pytest.mark.parametrize("lack", ["Metadata", "Keys"])
def test_a_change_that_lacks_its_keys_or_its_time_is_refused(exports: ExportBucket, lack: str) -> None:
    line = {**head((PK, "p#one"), AT), "NewImage": table(one="1")[PK, "p#one"]}
    del line[lack]
    chain = exports.full([], AT - HOUR), exports.incremental([line], AT - HOUR, AT)
    assert "holds a line that is no row" in broken(read(exports, *chain)[1])


def test_a_change_whose_image_is_another_rows_is_refused(exports: ExportBucket) -> None:
    line = {**head((PK, "p#one"), AT), "NewImage": table(two="1")[PK, "p#two"]}
    chain = exports.full([], AT - HOUR), exports.incremental([line], AT - HOUR, AT)
    assert "holds a line that is no row" in broken(read(exports, *chain)[1])


def test_a_line_without_an_end_does_not_fill_the_memory(exports: ExportBucket) -> None:
    address = exports.full(table(one="1").values(), AT)
    replace_file(exports, address, gzip.compress(b" " * 2**25))
    assert "holds a line that does not end" in broken(read(exports, address)[1])


def test_ion_is_refused(exports: ExportBucket) -> None:
    address = exports.full(table(one="1").values(), AT, outputFormat="ION")
    found, receipt = read(exports, address)
    assert found == {}
    assert f"the export {address} is in the format ION: export as DYNAMODB_JSON" in broken(receipt)


def test_another_table_or_region_is_refused(exports: ExportBucket) -> None:
    address = exports.full(table(one="1").values(), AT)
    for wanted in ({"name": "another"}, {"name": "applicatio"}, {"region": "eu-west-1"}):
        found, receipt = read(exports, address, **wanted)
        assert found == {}
        assert f"{address} is of arn:aws:dynamodb:us-east-1:111122223333:table/application" in broken(receipt)


def test_a_table_that_was_made_anew_under_its_name_is_another(exports: ExportBucket) -> None:
    full = exports.full(table(one="1").values(), AT - HOUR)
    later = exports.incremental([], AT - HOUR, AT, tableId="another")
    assert f"{later} is of another table than the full one" in broken(read(exports, full, later)[1])


def test_a_gap_between_windows_is_refused(exports: ExportBucket) -> None:
    full = exports.full(table(one="1").values(), AT - 3 * HOUR)
    late = exports.incremental([], AT - HOUR, AT)
    found, receipt = read(exports, late, full)
    assert found == {}
    gap = f"{write_time(AT - 3 * HOUR)} to {write_time(AT - HOUR)}, when {late} begins"
    assert f"no export covers {gap}" in broken(receipt)
    joined = exports.incremental([], AT - 3 * HOUR, AT - HOUR)
    assert read(exports, late, full, joined)[1].whole


def test_incremental_exports_alone_are_refused(exports: ExportBucket) -> None:
    found, receipt = read(exports, exports.incremental([], AT - HOUR, AT))
    assert found == {}
    assert "no full export is named" in broken(receipt)


# The objects, as S3 gives them


def test_an_object_is_read_by_ranges_and_an_empty_or_missing_one_is_told_apart(aws: Wiring) -> None:
    bucket, body = unique("parts"), bytes(range(256)) * 5
    aws.s3.create_bucket(Bucket=bucket)
    aws.s3.put_object(Bucket=bucket, Key="some", Body=body)
    aws.s3.put_object(Bucket=bucket, Key="none", Body=b"")
    parts = S3ObjectParts(aws.s3, sleep=at_once, part=500)
    assert [len(part) for part in parts.read(bucket, "some")] == [500, 500, 280]
    assert (parts.requests, parts.size) == (3, len(body))
    assert b"".join(parts.read(bucket, "some")) == body
    assert b"".join(parts.read(bucket, "none")) == b""
    with pytest.raises(KeyError):
        list(parts.read(bucket, "missing"))


def test_an_export_in_a_bucket_is_read_by_the_setting_that_names_it(aws: Wiring) -> None:
    exports, bucket = ExportBucket("application"), BUCKET
    address = exports.full(table(one="1", two="2").values(), aws.clock())
    aws.s3.create_bucket(Bucket=bucket)
    for key, body in exports.objects.items():
        aws.s3.put_object(Bucket=bucket, Key=key, Body=body)
    reading = Wiring(aws.settings.model_copy(update={"export": (address,)}))
    reading.__dict__ |= {"s3": aws.s3, "dynamodb": aws.dynamodb}
    found, receipt = scanned(reading.stores.rows)
    assert (titles(found), receipt.whole, receipt.trusted) == ({"one": "1", "two": "2"}, True, True)
