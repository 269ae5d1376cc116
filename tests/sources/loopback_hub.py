"""A Hub on the loopback interface: as much of its HTTP interface as reading datasets needs.

Repositories are folders, ``ROOT/<owner>/<name>/<revision>/...``, the revision percent-encoded
(``refs%2Fconvert%2Fparquet``). A repository's commit is a hash of the revision's contents, so that an edit is
a new commit, as on the real Hub. A file ``ROOT/<owner>/<name>/.gated`` makes the repository a gated one;
redirects of renamed repositories are lines ``old new`` in ``ROOT/.renamed``.

Every request is appended to ``requests``, for tests that count them.
"""

from __future__ import annotations

import hashlib
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

import yaml


class HubError(Exception):
    """An answer that is no success: HTTP status, the Hub's error code, and its message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


class LoopbackHub:
    """The repositories under one folder, and the requests made to them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.requests: list[str] = []

    def renamed(self, repo: str) -> str | None:
        table = self.root / ".renamed"
        lines = table.read_text().splitlines() if table.exists() else []
        return dict(line.split() for line in lines).get(repo)

    def revision_folder(self, repo: str, revision: str) -> Path:
        folder = self.root / repo
        if not folder.is_dir():
            # The real Hub says 401 to the anonymous, so as not to tell whether a private one exists.
            raise HubError(401, "RepoNotFound", "Repository not found")
        if (folder / ".gated").exists():
            raise HubError(401, "GatedRepo", "Access to this dataset is restricted")
        named = folder / quote(revision, safe="")
        if named.is_dir():
            return named
        for candidate in folder.iterdir():
            if candidate.is_dir() and commit_of(candidate) == revision:
                return candidate
        raise HubError(404, "RevisionNotFound", f"Invalid rev id: {revision}")


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def commit_of(folder: Path) -> str:
    """A hash of names and contents, in the form of a git commit: 40 hexadecimal digits."""
    digest = hashlib.sha1()
    for path in files_of(folder):
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def entry(path: Path, folder: Path) -> dict[str, object]:
    name = path.relative_to(folder).as_posix()
    oid = hashlib.sha1(name.encode()).hexdigest()
    if path.is_dir():
        return {"type": "directory", "path": name, "oid": oid, "size": 0}
    oid = hashlib.sha1(path.read_bytes()).hexdigest()
    return {"type": "file", "path": name, "oid": oid, "size": path.stat().st_size}


def card_of(folder: Path) -> dict[str, object]:
    """The YAML block at the head of a README."""
    readme = folder / "README.md"
    return yaml.safe_load(readme.read_text().split("---")[1]) if readme.exists() else {}


def split_repo(parts: list[str]) -> tuple[str, list[str]]:
    """Split path segments into a repository id (one or two segments) and the rest."""
    verbs = {"revision", "tree", "paths-info", "resolve"}
    length = 1 if len(parts) == 1 or parts[1] in verbs else 2
    return "/".join(parts[:length]), parts[length:]


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of huggingface_hub for datasets."""

    hub: LoopbackHub

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def answer(self) -> None:
        self.hub.requests.append(f"{self.command} {self.path}")
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.split("/") if part]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        try:
            if parts[:2] == ["api", "datasets"]:
                self.answer_api(parts[2:], url.query, body)
            elif parts[:1] == ["datasets"]:
                self.answer_file(parts[1:])
            else:
                raise HubError(404, "", f"no such address: {self.path}")
        except HubError as error:
            headers = {"X-Error-Code": error.code, "X-Error-Message": str(error)}
            self.send(error.status, json.dumps({"error": str(error)}).encode(), headers)

    def answer_api(self, parts: list[str], query: str, body: str) -> None:
        repo, rest = split_repo(parts)
        new_name = self.hub.renamed(repo)
        if new_name:
            self.send(307, b"", {"Location": self.path.replace(repo, new_name, 1)})
            return
        verb = rest[0] if rest else "revision"
        revision = rest[1] if len(rest) > 1 else "main"
        folder = self.hub.revision_folder(repo, revision)
        if verb == "revision":
            names = [path.relative_to(folder).as_posix() for path in files_of(folder)]
            answer: object = {
                "id": repo,
                "sha": commit_of(folder),
                "private": False,
                "gated": False,
                "tags": [],
                "siblings": [{"rfilename": name} for name in names],
                "cardData": card_of(folder),
            }
        elif verb == "tree":
            start = folder.joinpath(*rest[2:])
            if not start.is_dir():
                raise HubError(404, "EntryNotFound", "Entry not found")
            recursive = parse_qs(query).get("recursive", ["false"])[0].lower() in ("true", "1")
            found = start.rglob("*") if recursive else start.iterdir()
            answer = [entry(path, folder) for path in sorted(found)]
        elif verb == "paths-info":
            wanted = json.loads(body)["paths"] if body.startswith("{") else parse_qs(body).get("paths", [])
            wanted = [wanted] if isinstance(wanted, str) else wanted
            answer = [entry(folder / name, folder) for name in wanted if (folder / name).exists()]
        else:
            raise HubError(404, "", f"no such address: {self.path}")
        self.send(200, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def answer_file(self, parts: list[str]) -> None:
        repo, (_, revision, *names) = split_repo(parts)
        folder = self.hub.revision_folder(repo, revision)
        path = folder.joinpath(*names)
        if not path.is_file():
            raise HubError(404, "EntryNotFound", "Entry not found")
        content = path.read_bytes()
        etag = f'"{hashlib.sha1(content).hexdigest()}"'
        self.send(200, content, {"X-Repo-Commit": commit_of(folder), "ETag": etag})

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)


@contextmanager
def serve(root: Path):
    """Serve the repositories under ``root`` until the block ends; gives (hub, its address)."""
    hub = LoopbackHub(root)
    handler = type("HandlerOfThisHub", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
