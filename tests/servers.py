"""Real servers on loopback, for as long as a `with` block: S3 (SeaweedFS) and sshd."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

PATIENCE = 60  # seconds until a server must answer; on a busy machine it takes some
BUCKET = "looking-glass"


@dataclass(frozen=True)
class S3:
    """A server with an empty bucket, and the variables that give access to it."""

    endpoint: str
    variables: dict[str, str]


@dataclass(frozen=True)
class Sshd:
    """A server, and a private key that it accepts."""

    port: int
    key: Path


def missing(program: str, package: str) -> str | None:
    """Why a server cannot be started here, or None."""
    beside = Path(sys.executable).parent
    if shutil.which(program, path=f"{beside}{os.pathsep}{os.environ['PATH']}{os.pathsep}/usr/sbin"):
        return None
    return f"needs {program} ({package})"


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on."""
    with ExitStack() as stack:
        sockets = [
            stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)
        ]
        return [each.getsockname()[1] for each in sockets]


@contextmanager
def running(command: list[str], folder: Path, ready: Callable[[], Any]) -> Iterator[None]:
    """Run a server until the block ends; `ready` raises an OSError until it answers."""
    log = folder / "log"
    with (
        log.open("wb") as file,
        subprocess.Popen(command, cwd=folder, stdout=file, stderr=subprocess.STDOUT) as server,
    ):
        try:
            deadline = time.monotonic() + PATIENCE
            while True:
                try:
                    ready()
                    break
                except OSError as error:
                    if server.poll() is not None or time.monotonic() > deadline:
                        said = log.read_text(encoding="utf-8", errors="replace")[-2000:]
                        raise RuntimeError(f"{command[0]} does not answer:\n{said}") from error
                    time.sleep(0.1)
            yield
        finally:
            server.kill()


@contextmanager
def s3_server(folder: Path) -> Iterator[S3]:
    """SeaweedFS with one bucket, which keeps its data in this folder."""
    import botocore.session  # imported here: it comes with dvc-s3
    from botocore.exceptions import BotoCoreError, ClientError

    user = {"accessKey": "alice", "secretKey": "not-a-secret"}
    identity = {"name": "alice", "credentials": [user], "actions": ["Admin"]}
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}), encoding="utf-8")
    services = ("master", "volume", "filer", "s3")
    ports = free_ports(2 * len(services))
    command = [str(Path(sys.executable).with_name("weed")), "server", f"-dir={folder}"]
    command += ["-ip=127.0.0.1", "-s3", "-s3.config=s3.json", "-master.telemetry=false"]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.volumeSizeLimitMB=64"]
    command += [f"-{name}.localSocket={folder / name}.sock" for name in ("filer", "s3")]
    for service, port, grpc in zip(services, ports[::2], ports[1::2], strict=True):
        command += [f"-{service}.port={port}", f"-{service}.port.grpc={grpc}"]

    endpoint = f"http://127.0.0.1:{ports[-2]}"
    keys = {"aws_access_key_id": user["accessKey"], "aws_secret_access_key": user["secretKey"]}
    client = botocore.session.get_session().create_client(
        "s3", region_name="us-east-1", endpoint_url=endpoint, **keys
    )

    def ready() -> None:
        """It accepts an object; each of its parts starts in its own time."""
        try:
            if not client.list_buckets()["Buckets"]:
                client.create_bucket(Bucket=BUCKET)
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"1")
        except (BotoCoreError, ClientError) as error:
            raise OSError(str(error)) from error

    with running(command, folder, ready):
        yield S3(endpoint, {name.upper(): value for name, value in keys.items()})


@contextmanager
def ssh_server(folder: Path) -> Iterator[Sshd]:
    """OpenSSH's server with a host key and a user's key of its own, and SFTP only."""
    for name in ("host", "user"):
        generate = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(generate, check=True)
    if os.getuid() == 0:
        Path("/run/sshd").mkdir(exist_ok=True)  # sshd insists; Debian's service makes it
    port = free_ports(1)[0]
    config = f"""\
ListenAddress 127.0.0.1:{port}
HostKey {folder / "host"}
AuthorizedKeysFile {folder / "user.pub"}
StrictModes no
PasswordAuthentication no
PidFile none
Subsystem sftp internal-sftp
"""
    (folder / "config").write_text(config, encoding="utf-8")
    program = shutil.which("sshd", path=f"/usr/sbin{os.pathsep}{os.environ['PATH']}")
    command = [str(program), "-D", "-e", "-f", str(folder / "config")]
    with running(command, folder, lambda: socket.create_connection(("127.0.0.1", port)).close()):
        yield Sshd(port, folder / "user")
