"""A Spark cluster of its own: a standalone master and two workers on the loopback interface."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path

HOST = "127.0.0.1"
WORKERS = 2
START_SECONDS, STOP_SECONDS = 120.0, 10.0

QUICK_JAVA = {
    "JDK_JAVA_OPTIONS": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC "
    "-XX:+UnlockDiagnosticVMOptions -XX:-BytecodeVerificationRemote"
}
"""What lives for seconds is compiled once, and cheaply, and its classes, which a package brought, are not
verified: it takes well under half the processor's time."""


@contextmanager
def cluster(folder: Path) -> Iterator[str]:
    """Yield the master's address; logs and scratch files are in a folder, and every process ends."""
    master, page, *ports = free_ports(2 + 2 * WORKERS)
    address, space = f"spark://{HOST}:{master}", "org.apache.spark.deploy"
    with ExitStack() as running:
        started = [f"{space}.master.Master", "--port", str(master), "--webui-port", str(page)]
        running.enter_context(_daemon(started, folder, "master"))
        _wait_for(master, folder)
        for number in range(WORKERS):
            own = ["--port", str(ports[2 * number]), "--webui-port", str(ports[2 * number + 1])]
            size = ["--cores", "1", "--memory", "1g", "--work-dir", str(folder / f"work-{number}")]
            command = [f"{space}.worker.Worker", *own, *size, address]
            running.enter_context(_daemon(command, folder, f"worker-{number}"))
        yield address


def environment(master: str, memory: str = "512m") -> dict[str, str]:
    """Return the environment of a process that runs on a master, as spark-submit's options give it."""
    options = {
        "spark.driver.bindAddress": HOST,
        "spark.driver.host": HOST,
        "spark.ui.enabled": "false",
        "spark.executor.memory": memory,
        # Small data need neither 200 partitions, nor a plan and Java classes made for them.
        "spark.sql.shuffle.partitions": "2",
        "spark.default.parallelism": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    }
    submit = " ".join(f"--conf {name}={value}" for name, value in options.items())
    return {
        **os.environ,
        **QUICK_JAVA,
        "SPARK_LOCAL_IP": HOST,
        "PYSPARK_SUBMIT_ARGS": f"--master {master} --driver-memory {memory} {submit} pyspark-shell",
    }


def _home() -> Path:
    """Return where PySpark keeps the cluster's programs."""
    found = find_spec("pyspark")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent


@contextmanager
def _daemon(command: Sequence[str], folder: Path, name: str) -> Iterator[None]:
    given = {
        **os.environ,
        **QUICK_JAVA,
        "SPARK_HOME": str(_home()),
        "SPARK_LOCAL_IP": HOST,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": "-Dspark.master.rest.enabled=false",
    }
    program = [str(_home() / "bin" / "spark-class"), command[0], "--host", HOST, *command[1:]]
    with (folder / f"{name}.log").open("wb") as log:
        # A group of its own: a worker starts an executor, which ends with it.
        running = subprocess.Popen(program, env=given, stdout=log, stderr=log, start_new_session=True)
        try:
            yield
        finally:
            _stop(running)


def _stop(running: "subprocess.Popen[bytes]") -> None:
    os.killpg(running.pid, signal.SIGTERM)
    try:
        running.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait(STOP_SECONDS)


def _wait_for(port: int, folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        try:
            with socket.create_connection((HOST, port), 1.0):
                return
        except OSError:
            time.sleep(0.2)
    logs = "\n".join(path.read_text(errors="replace") for path in folder.glob("*.log"))
    raise AssertionError(f"Spark's master did not start in {START_SECONDS:.0f} s:\n{logs}")


def free_ports(number: int) -> list[int]:
    """Return ports that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(number)]
        for one in sockets:
            one.bind((HOST, 0))
        return [int(one.getsockname()[1]) for one in sockets]
