"""Debian's Dovecot as an ordinary process of ours: own configuration, loopback, high ports, ended by its process id."""

import getpass
import grp
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from tests.servers.certificates import Certificate, self_signed

PROGRAM = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
START_SECONDS = 20.0

CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
log_path = {folder}/log
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = no
auth_mechanisms = plain login xoauth2 oauthbearer
auth_failure_delay = 0
mail_fsync = {fsync}
mail_location = maildir:~/mail
mail_max_userip_connections = 100
{capability}
{people}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
{tokens}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service anvil {{
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service imap-login {{
  {chroot}
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
"""

# An ordinary user cannot change into the users that the package made, nor change the root.
ORDINARY = """
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""

TOKENS = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {folder}/oauth2.conf.ext
}}
"""


@dataclass
class Dovecot:
    """One account, `user` and `password`; `port` speaks plain and STARTTLS, `tls_port` TLS.

    `capability` replaces what the server says it can (the server itself can all the same). `token_url` is asked about
    access tokens: it answers with JSON whose `email` is the user.
    """

    user: str = "allocations"
    password: str = "a-word-for-tests"
    separator: str = "."
    prefix: str = "INBOX."
    capability: str = ""
    token_url: str = ""
    fsync: str = "never"
    host: str = "127.0.0.1"
    port: int = 0
    tls_port: int = 0
    folder: Path = field(default=Path(), init=False)
    _process: "subprocess.Popen[bytes] | None" = field(default=None, init=False)

    @property
    def certificate(self) -> Certificate:
        return Certificate(self.folder / "certificate.pem", self.folder / "key.pem")

    def start(self) -> Self:
        """Start it, at the second time with the same mail on the same ports."""
        if not self.port:
            self._settle_in()
        command = [str(PROGRAM), "-F", "-c", str(self.folder / "dovecot.conf")]
        self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self._wait()
        return self

    def stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def remove(self) -> None:
        """Stop it and forget its mail."""
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.remove()

    def _settle_in(self) -> None:
        # Not in pytest's folder: the server's own users must reach it, and the paths of sockets must be short.
        self.folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
        self.folder.chmod(0o755)
        (self.folder / "home").mkdir()
        (self.folder / "home").chmod(0o777)
        self_signed(self.folder)
        self.port, self.tls_port = _free_ports()
        (self.folder / "dovecot.conf").write_text(self._configuration())
        (self.folder / "oauth2.conf.ext").write_text(f"tokeninfo_url = {self.token_url}\nusername_attribute = email\n")

    def _configuration(self) -> str:
        root = os.geteuid() == 0
        group = grp.getgrgid(os.getegid()).gr_name
        return CONFIGURATION.format(
            folder=self.folder,
            certificate=self.certificate.file,
            key=self.certificate.key,
            fsync=self.fsync,
            capability=f"imap_capability = {self.capability}" if self.capability else "",
            people="first_valid_uid = 1" if root else ORDINARY.format(user=getpass.getuser(), group=group),
            separator=self.separator,
            prefix=self.prefix,
            tokens=TOKENS.format(folder=self.folder) if self.token_url else "",
            password=self.password,
            uid=65534 if root else os.geteuid(),
            gid=65534 if root else os.getegid(),
            chroot="" if root else "chroot =",
            port=self.port,
            tls_port=self.tls_port,
        )

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                break
            try:
                with socket.create_connection((self.host, self.port), timeout=1) as probe:
                    probe.settimeout(5)
                    if probe.recv(4) == b"* OK":
                        return
            except OSError:
                time.sleep(0.02)
        log = self.folder / "log"
        self.stop()
        raise RuntimeError(f"Dovecot did not start: {log.read_text() if log.exists() else 'it wrote no log'}")


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        for one in (first, second):
            one.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]
