"""Which `repoURL`s name the repository that is linted."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field


class Ownership(Struct):
    """Decides whether a source's `repoURL` is this repository.

    Known are the configured URLs and the remotes of the checkout; a URL of the same repository name is a fork of it.
    Without either, the URL of the outermost Application whose path is here is taken for this repository.
    """

    urls: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, root: Path, configured: Iterable[str]) -> Ownership:
        """From configuration and the checkout's remotes (read from its git configuration file, nothing is run)."""
        return cls({normalised(url) for url in (*configured, *remotes(root)) if url})

    def owns(self, url: str, *, path_is_here: bool, outermost: bool) -> bool:
        """Whether a URL names this repository; a first, outermost URL with a path that is here is remembered."""
        known = normalised(url)
        if known in self.urls:
            return True
        if outermost and not self.urls:
            self.urls.add(known)
            return True
        # A fork names its upstream; another repository of that name would hardly have the same path.
        if path_is_here and (outermost or any(_name(known) == _name(other) for other in self.urls)):
            self.urls.add(known)
            return True
        return False

    def seed(self, url: str) -> None:
        """Remember a URL as this repository's."""
        self.urls.add(normalised(url))


def normalised(url: str) -> str:
    """A git URL as `host/path`, without scheme, user, `.git` and case of the host."""
    text = re.sub(r"^[a-z+]+://", "", url.strip())
    text = re.sub(r"^[^@/]+@", "", text)
    text = re.sub(r"^([^:/]+):(?!\d+/)", r"\1/", text).rstrip("/").removesuffix(".git")
    host, _, path = text.partition("/")
    return f"{host.lower()}/{path}"


def _name(url: str) -> str:
    return url.rpartition("/")[2].lower()


def remotes(root: Path) -> list[str]:
    """The remote URLs in `.git/config` of a checkout; none where there is no readable one."""
    config = root / ".git" / "config"
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    try:
        parser.read_string(re.sub(r"(?m)^[ \t]+", "", config.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, configparser.Error):
        return []
    return [parser[name]["url"] for name in parser.sections() if name.startswith("remote ") and "url" in parser[name]]
