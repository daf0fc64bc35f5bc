"""How to start PostgreSQL, which refuses uid 0: the normal case in CI and in containers."""

import os
import pwd
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any


class Runner:
    """How to start a program that refuses uid 0, as PostgreSQL does.

    As root there are two ways. A user namespace that shows another uid: changes no ownership and reaches a
    checkout below a closed /root. Where that is forbidden (chroot, many containers): the user `nobody`.
    """

    def __init__(self) -> None:
        self.prefix: list[str] = []
        self.user: pwd.struct_passwd | None = None
        if os.geteuid() != 0:
            return
        shown = ["unshare", "--user", "--map-user=1000", "--map-group=1000"]
        if (
            shutil.which("unshare")
            and subprocess.run([*shown, "true"], capture_output=True, check=False).returncode == 0
        ):
            self.prefix = shown
        else:
            self.user = pwd.getpwnam("nobody")

    def reach(self, programs: Path, folder: Path) -> Path:
        """`programs` (…/pginstall/bin), or a copy of the wheel in `folder` where `nobody` may not pass (0.3 s)."""
        if self.user is None or _passable(programs):
            return programs
        package = programs.parent.parent
        libraries = package.with_name(package.name + ".libs")
        for part in (package, libraries):
            if part.exists():
                shutil.copytree(part, folder / part.name)
        self.own(folder / package.name)
        if libraries.exists():
            self.own(folder / libraries.name)
        return folder / package.name / "pginstall" / "bin"

    def home(self, data_dir: Path) -> Path:
        """`data_dir`, or where `nobody` may not pass: a folder under /var/lib with a link to it in that place."""
        if self.user is None or data_dir.is_symlink() or _passable(data_dir.parent):
            return data_dir.resolve()
        place = Path("/var/lib/vereffen-embedded")
        place.mkdir(mode=0o755, exist_ok=True)
        own = Path(tempfile.mkdtemp(prefix="data-", dir=place))
        own.chmod(0o755)
        data_dir.symlink_to(own / "pg")
        return own / "pg"

    def own(self, path: Path) -> None:
        """Give `path` and what is in it to the user that the server runs as, where that is another one."""
        uid, gid = (self.user.pw_uid, self.user.pw_gid) if self.user else (os.geteuid(), os.getegid())
        if os.geteuid() == 0 and path.stat().st_uid != uid:
            for each in (path, *path.rglob("*")):
                os.chown(each, uid, gid, follow_symlinks=False)

    def options(self) -> dict[str, Any]:
        who: dict[str, Any] = {}
        if self.user:
            who = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
        return {"cwd": "/", "env": {**kept, "LC_ALL": "C", "TZ": "UTC"}, "stdin": subprocess.DEVNULL, **who}


def short_tmp() -> str:
    """A socket path holds at most 107 bytes, and TMPDIR may be long."""
    return "/tmp" if Path("/tmp").is_dir() else tempfile.gettempdir()  # noqa: S108 - a fresh folder is made in it


def _passable(path: Path) -> bool:
    return all(each.stat().st_mode & 0o001 for each in (path, *path.parents))
