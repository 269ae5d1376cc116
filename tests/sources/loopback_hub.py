"""A Hub on the loopback interface: as much of its HTTP interface as reading datasets needs (models: loopback_models).

Repositories are folders, ``ROOT/<owner>/<name>/<revision>/...``, the revision percent-encoded
(``refs%2Fconvert%2Fparquet``). A repository's commit is a hash of the revision's contents, so that an edit is
a new commit, as on the real Hub. Beside the revisions lies who may read it: ``.private`` and ``.gated`` hold the
tokens that may, a line each; of a gated repository, everybody sees the names of files, and those who may the files.
``ROOT/.tokens`` holds tokens that are valid beside these. Redirects of renamed repositories are lines ``old new``
in ``ROOT/.renamed``.

Parquet and safetensors files are kept by LFS, as on the real Hub: a request for one is redirected to a second server,
by an address that is signed. Both servers answer a request for a part of a file.

Every request is appended to ``requests`` and ``cdn_requests``, for tests that count them or look at tokens.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlencode, urlsplit

import yaml

LFS = (".parquet", ".safetensors")


class HubError(Exception):
    """An answer that is no success: HTTP status, the Hub's error code, and its message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code


@dataclass
class Fault:
    """What happens to the next requests whose line (``GET /path``) a pattern is found in: so many are refused, with a
    status and headers, or cut off after so many bytes."""

    pattern: str
    times: int
    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None


class LoopbackHub:
    """The repositories under one folder, and the requests made to them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.requests: list[str] = []
        self.tokens: list[str | None] = []
        self.cdn_requests: list[str] = []
        self.cdn_tokens: list[str | None] = []
        self.faults: list[Fault] = []
        self.page_size = 1000
        self.cdn = ""

    def renamed(self, repo: str) -> str | None:
        table = self.root / ".renamed"
        lines = table.read_text().splitlines() if table.exists() else []
        return dict(line.split() for line in lines).get(repo)

    def fault(self, line: str, *, cuts: bool) -> Fault | None:
        for fault in self.faults:
            if fault.times > 0 and (fault.cut_after is not None) == cuts and re.search(fault.pattern, line):
                fault.times -= 1
                return fault
        return None

    def check_token(self, token: str | None) -> None:
        valid = {line for path in self.root.glob("*/*/.[pg]*") for line in lines_of(path)}
        if token is not None and token not in valid | set(lines_of(self.root / ".tokens")):
            raise HubError(401, "", "Invalid credentials in Authorization header")

    def revision_folder(self, repo: str, revision: str, token: str | None, *, for_file: bool) -> Path:
        folder = self.root / repo
        private = folder / ".private"
        if not folder.is_dir() or (private.exists() and token not in lines_of(private)):
            # The real Hub says 401 to the anonymous, so as not to tell whether a private one exists.
            raise HubError(401 if token is None else 404, "RepoNotFound", "Repository not found")
        gated = folder / ".gated"
        if for_file and gated.exists() and token not in lines_of(gated):
            raise HubError(401 if token is None else 403, "GatedRepo", "Access to this dataset is restricted")
        named = folder / quote(revision, safe="")
        if named.is_dir():
            return named
        for candidate in folder.iterdir():
            if candidate.is_dir() and commit_of(candidate) == revision:
                return candidate
        raise HubError(404, "RevisionNotFound", f"Invalid rev id: {revision}")


def lines_of(path: Path) -> list[str]:
    return path.read_text().split() if path.exists() else []


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
    content = path.read_bytes()
    found = {"type": "file", "path": name, "oid": hashlib.sha1(content).hexdigest(), "size": len(content)}
    if path.suffix in LFS:
        sha256 = hashlib.sha256(content).hexdigest()
        found["lfs"] = {"oid": sha256, "size": len(content), "pointerSize": 134}
    return found


def card_of(folder: Path) -> dict[str, object]:
    """The YAML block at the head of a README."""
    readme = folder / "README.md"
    return yaml.safe_load(readme.read_text().split("---")[1]) if readme.exists() else {}


def split_repo(parts: list[str]) -> tuple[str, list[str]]:
    """Split path segments into a repository id (one or two segments) and the rest."""
    verbs = {"revision", "tree", "paths-info", "resolve"}
    length = 1 if len(parts) == 1 or parts[1] in verbs else 2
    return "/".join(parts[:length]), parts[length:]


def signature(path: str) -> str:
    return hashlib.sha256(f"secret {path}".encode()).hexdigest()[:16]


class Handler(BaseHTTPRequestHandler):
    """What both servers do: keep a list of requests, send whole files and parts, fail when told to."""

    hub: LoopbackHub

    def answer(self) -> None:
        """Answer the request."""
        raise NotImplementedError

    def log_message(self, format: str, *args: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.answer()

    def do_GET(self) -> None:
        self.answer()

    def do_POST(self) -> None:
        self.answer()

    def token(self) -> str | None:
        header = self.headers.get("Authorization")
        return None if header is None else header.removeprefix("Bearer ")

    def send_file(self, content: bytes, headers: dict[str, str]) -> None:
        """Send a file, or the part of it that is asked for."""
        headers = {**headers, "Accept-Ranges": "bytes"}
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if wanted is None:
            self.send(200, content, headers)
            return
        start, end = int(wanted[1]), int(wanted[2] or len(content) - 1)
        headers["Content-Range"] = f"bytes {start}-{end}/{len(content)}"
        self.send(206, content[start : end + 1], headers)

    def send(self, status: int, content: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            cut = self.hub.fault(f"{self.command} {self.path}", cuts=True)
            self.wfile.write(content if cut is None else content[: cut.cut_after])
            self.close_connection = self.close_connection or cut is not None


class HubHandler(Handler):
    """Answers the requests of huggingface_hub for datasets."""

    def answer(self) -> None:
        self.hub.requests.append(f"{self.command} {self.path}")
        self.hub.tokens.append(self.token())
        url = urlsplit(self.path)
        parts = [unquote(part) for part in url.path.split("/") if part]
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        fault = self.hub.fault(self.hub.requests[-1], cuts=False)
        if fault is not None:
            self.send(fault.status, b"busy", fault.headers)
            return
        try:
            self.hub.check_token(self.token())
            self.route(parts, parse_qs(url.query), body)
        except HubError as error:
            headers = {"X-Error-Code": error.code, "X-Error-Message": str(error)}
            headers = {name: value for name, value in headers.items() if value}
            self.send(error.status, json.dumps({"error": str(error)}).encode(), headers)

    def route(self, parts: list[str], query: dict[str, list[str]], body: str) -> None:
        if parts[:2] == ["api", "datasets"]:
            self.answer_api(parts[2:], query, body)
        elif parts[:1] == ["datasets"]:
            self.answer_file(parts[1:])
        else:
            raise HubError(404, "", f"no such address: {self.path}")

    def answer_api(self, parts: list[str], query: dict[str, list[str]], body: str) -> None:
        repo, rest = split_repo(parts)
        new_name = self.hub.renamed(repo)
        if new_name:
            self.send(307, b"", {"Location": self.path.replace(repo, new_name, 1)})
            return
        verb = rest[0] if rest else "revision"
        revision = rest[1] if len(rest) > 1 else "main"
        folder = self.hub.revision_folder(repo, revision, self.token(), for_file=False)
        headers = {"Content-Type": "application/json"}
        if verb == "revision":
            names = [path.relative_to(folder).as_posix() for path in files_of(folder)]
            answer: object = {
                "id": repo,
                "sha": commit_of(folder),
                "private": (self.hub.root / repo / ".private").exists(),
                "gated": "manual" if (self.hub.root / repo / ".gated").exists() else False,
                "tags": [],
                "siblings": [{"rfilename": name} for name in names],
                "cardData": card_of(folder),
            }
        elif verb == "tree":
            start = folder.joinpath(*rest[2:])
            if not start.is_dir():
                raise HubError(404, "EntryNotFound", "Entry not found")
            recursive = query.get("recursive", ["false"])[0].lower() in ("true", "1")
            found = sorted(start.rglob("*") if recursive else start.iterdir())
            first = int(query.get("cursor", ["0"])[0])
            page = found[first : first + self.hub.page_size]
            answer = [entry(path, folder) for path in page]
            if first + len(page) < len(found):
                kept = {name: values[0] for name, values in query.items()}
                address = f"http://{self.headers['Host']}{urlsplit(self.path).path}"
                following = urlencode(kept | {"cursor": first + len(page)})
                headers["Link"] = f'<{address}?{following}>; rel="next"'
        elif verb == "paths-info":
            wanted = json.loads(body)["paths"] if body.startswith("{") else parse_qs(body).get("paths", [])
            wanted = [wanted] if isinstance(wanted, str) else wanted
            answer = [entry(folder / name, folder) for name in wanted if (folder / name).exists()]
        else:
            raise HubError(404, "", f"no such address: {self.path}")
        self.send(200, json.dumps(answer).encode(), headers)

    def answer_file(self, parts: list[str]) -> None:
        repo, (_, revision, *names) = split_repo(parts)
        folder = self.hub.revision_folder(repo, revision, self.token(), for_file=True)
        path = folder.joinpath(*names)
        if not path.is_file():
            raise HubError(404, "EntryNotFound", "Entry not found")
        content = path.read_bytes()
        headers = {"X-Repo-Commit": commit_of(folder), "ETag": f'"{hashlib.sha1(content).hexdigest()}"'}
        if path.suffix not in LFS:
            self.send_file(content, headers)
            return
        place = "/" + quote(path.relative_to(self.hub.root).as_posix())
        headers["X-Linked-Size"] = str(len(content))
        headers["X-Linked-Etag"] = f'"{hashlib.sha256(content).hexdigest()}"'
        headers["Location"] = f"{self.hub.cdn}{place}?Signature={signature(place)}"
        self.send(302, b"Found", headers)


class CdnHandler(Handler):
    """Answers with the files that are kept by LFS, to whoever has a signed address."""

    def answer(self) -> None:
        self.hub.cdn_requests.append(f"{self.command} {self.path} {self.headers.get('Range', '')}".strip())
        self.hub.cdn_tokens.append(self.token())
        url = urlsplit(self.path)
        if parse_qs(url.query).get("Signature") != [signature(url.path)]:
            self.send(403, b"no signature", {})
            return
        content = (self.hub.root / unquote(url.path).removeprefix("/")).read_bytes()
        self.send_file(content, {"ETag": f'"{hashlib.sha256(content).hexdigest()}"'})


@contextmanager
def running(handler: type[Handler], hub: LoopbackHub):
    """Run a server until the block ends; gives its address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("OfThisHub", (handler,), {"hub": hub}))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def serve(root: Path, handler: type[Handler] = HubHandler, cdn_handler: type[Handler] = CdnHandler):
    """Serve the repositories under ``root`` until the block ends; gives (hub, its address)."""
    hub = LoopbackHub(root)
    with running(cdn_handler, hub) as hub.cdn, running(handler, hub) as address:
        yield hub, address
