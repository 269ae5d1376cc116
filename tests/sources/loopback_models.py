"""The Hub of ``loopback_hub`` for models: reads them in the same way, and takes commits.

As huggingface_hub 2.4 asks for it, with ``HF_HUB_DISABLE_XET``: a repository is made, a branch too; the card's metadata
are validated; for each file the Hub says how it is uploaded and whether a ``.gitignore`` names it; large files go to
the second server by an address from the LFS batch interface; a commit is lines of JSON on top of a parent. A commit
that is no longer the last of a branch is kept in a folder of its own (``@1``, ``@2``, ...). ``ROOT/.writers`` holds the
tokens that may write.
"""

from __future__ import annotations

import base64
import fnmatch
import hashlib
import json
import shutil
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import yaml
from sources.loopback_hub import (
    LFS,
    CdnHandler,
    HubError,
    HubHandler,
    commit_of,
    lines_of,
    serve,
)

REPOSITORY = 2  # segments of a path that name one


def git_hash(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class ModelHandler(HubHandler):
    """Answers the requests of huggingface_hub for models."""

    def route(self, parts: list[str], query: dict[str, list[str]], body: str) -> None:
        if parts == ["api", "repos", "create"]:
            self.make(**json.loads(body))
        elif parts == ["api", "validate-yaml"]:
            self.validate(json.loads(body)["content"])
        elif parts[:2] == ["api", "models"] and self.command == "POST" and parts[4] in WRITTEN:
            WRITTEN[parts[4]](self, "/".join(parts[2:4]), parts[5], body)
        elif parts[:2] == ["api", "models"]:
            self.answer_api(parts[2:], query, body)
        elif parts[REPOSITORY:] == ["info", "lfs", "objects", "batch"]:
            self.batch(json.loads(body))
        else:
            self.answer_file(parts)

    def check_writer(self) -> str:
        token = self.token()
        if token is None:
            raise HubError(401, "", "Unauthorized")
        if token not in lines_of(self.hub.root / ".writers"):
            raise HubError(403, "", "Forbidden: you must use a write token")
        return token

    def answer_json(self, answer: object, status: int = 200) -> None:
        self.send(status, json.dumps(answer).encode(), {"Content-Type": "application/json"})

    def make(self, name: str, organization: str, type: str = "model", visibility: str | None = None) -> None:
        token = self.check_writer()
        folder = self.hub.root / organization / name
        if folder.exists():
            raise HubError(409, "", "You already created this model repo")
        (folder / "main").mkdir(parents=True)
        (folder / "main" / ".gitattributes").write_text("*.safetensors filter=lfs diff=lfs merge=lfs -text\n")
        if visibility == "private":
            (folder / ".private").write_text(token)
        self.answer_json({"url": f"http://{self.headers['Host']}/{organization}/{name}"})

    def validate(self, card: str) -> None:
        """Refuse metadata that are no YAML, or results that the Hub would not read."""
        errors = []
        try:
            metadata = yaml.safe_load(card.split("---")[1]) if card.startswith("---") else {}
            for model in metadata.get("model-index", []):
                for result in model["results"]:
                    assert isinstance(result["task"]["type"], str)
                    assert isinstance(result["dataset"]["type"], str)
                    assert isinstance(result["dataset"]["name"], str)
                    assert all(isinstance(metric["value"], float) for metric in result["metrics"])
        except (yaml.YAMLError, KeyError, AssertionError) as error:
            errors.append({"message": f"{type(error).__name__}: {error}"})
        self.answer_json({"errors": errors, "warnings": []}, 400 if errors else 200)

    def make_branch(self, repo: str, branch: str, body: str) -> None:
        self.check_writer()
        folder = self.hub.revision_folder(repo, "main", self.token(), for_file=False)
        if (folder.parent / quote(branch, safe="")).exists():
            raise HubError(409, "", "Reference already exists")
        shutil.copytree(folder, folder.parent / quote(branch, safe=""))
        self.answer_json({})

    def preupload(self, repo: str, revision: str, body: str) -> None:
        self.check_writer()
        folder = self.hub.revision_folder(repo, revision, self.token(), for_file=False)
        ignored = lines_of(folder / ".gitignore")
        answer = []
        for file in json.loads(body)["files"]:
            path = folder / file["path"]
            is_lfs = path.suffix in LFS
            content = path.read_bytes() if path.exists() else None
            oid = None
            if content is not None:
                oid = hashlib.sha256(content).hexdigest() if is_lfs else git_hash(content)
            answer.append(
                {
                    "path": file["path"],
                    "uploadMode": "lfs" if is_lfs else "regular",
                    "shouldIgnore": any(fnmatch.fnmatch(file["path"], pattern) for pattern in ignored),
                    "oid": oid,
                }
            )
        self.answer_json({"files": answer})

    def batch(self, asked: dict[str, Any]) -> None:
        """Say where large files go, but for those that are there."""
        self.check_writer()
        assert asked["operation"] == "upload"
        objects = []
        for each in asked["objects"]:
            found = {"oid": each["oid"], "size": each["size"]}
            if not (self.hub.root / ".lfs" / each["oid"]).exists():
                found["actions"] = {"upload": {"href": f"{self.hub.cdn}/{each['oid']}"}}
            objects.append(found)
        self.answer_json({"transfer": "basic", "objects": objects})

    def commit(self, repo: str, revision: str, body: str) -> None:
        """Make a commit on top of a branch: all of it, or none."""
        self.check_writer()
        folder = self.hub.revision_folder(repo, revision, self.token(), for_file=False)
        lines = [json.loads(line) for line in body.splitlines()]
        header = lines[0]["value"]
        if header.get("parentCommit") not in (None, commit_of(folder)):
            raise HubError(412, "", "A commit has happened since. Please refresh and try again.")
        number = 1 + len(list(folder.parent.glob("@*")))
        new = folder.parent / ".new"
        shutil.copytree(folder, new)
        for line in lines[1:]:
            path = new / line["value"]["path"]
            if line["key"] == "file":
                path.write_bytes(base64.b64decode(line["value"]["content"]))
            elif line["key"] == "lfsFile":
                shutil.copy(self.hub.root / ".lfs" / line["value"]["oid"], path)
            elif line["key"] == "deletedFile":
                path.unlink()
            else:
                raise HubError(400, "", f"unknown operation: {line['key']}")
        folder.rename(folder.parent / f"@{number}")
        new.rename(folder)
        with (self.hub.root / ".messages").open("a") as messages:
            messages.write(header["summary"] + "\n")
        commit = commit_of(folder)
        address = f"http://{self.headers['Host']}/{repo}/commit/{commit}"
        self.answer_json({"success": True, "commitOid": commit, "commitUrl": address})


WRITTEN = {
    "branch": ModelHandler.make_branch,
    "preupload": ModelHandler.preupload,
    "commit": ModelHandler.commit,
}


class ModelCdnHandler(CdnHandler):
    """Takes files that are kept by LFS, each under its checksum, and gives them."""

    def do_PUT(self) -> None:
        self.hub.cdn_requests.append(f"PUT {self.path}")
        content = self.rfile.read(int(self.headers["Content-Length"]))
        name = unquote(urlsplit(self.path).path).removeprefix("/")
        if hashlib.sha256(content).hexdigest() != name:
            self.send(400, b"another checksum", {})
            return
        (self.hub.root / ".lfs").mkdir(exist_ok=True)
        (self.hub.root / ".lfs" / name).write_bytes(content)
        self.send(200, b"", {})


def serve_models(root: Path):
    """Serve the models under ``root`` until the block ends; gives (hub, its address)."""
    return serve(root, ModelHandler, ModelCdnHandler)
