#!/usr/bin/env python3
"""Run black-box slurmrestd cases against any base URL and report differences.

Standard library only.  A case file is JSON lines; each line is one case:

  {"id":..., "group":..., "release":"26.05"|"24.11", "version":"v0.0.NN"|null,
   "requires":[...],              # optional: "jwt_key" (needs --jwt-key)
   "steps":[{"request":{...}, "expect":{...}, "capture":{"NAME":"json.path"}}],
   "cleanup":[{request}, ...]}    # always executed, result ignored

or, for a single step, "request"/"expect" directly at the top level.

request: {"method","path","headers":{..} or [[name,value],..],
          "body": text | "json": value | "raw": full request text}
   - no header is added except Host (unless given or raw is used) and
     Content-Length when a body is present and none is given.
   - ${TOKEN_ALICE} / ${TOKEN_BOB} / ${TOKEN_ROOT}: tokens from --token-cmd
   - ${JWT{...}}: token minted with --jwt-key (always HMAC-SHA256 signed); times may
     be "+secs"/"-secs"; _alg/_kid set the JOSE header, _key another signing key
   - ${NAME}: value captured by an earlier step of the same case
expect: {"status":int, "reason":text, "content_type":text|null,
         "headers":{name:value}, "absent_headers":[name], "closed":bool, "body":...}
   body: {"empty":true} | {"text":exact} | {"regex":...} | {"contains":[...]}
       | {"json":pattern} | {"yaml_regex":[...]}; plus optional
         "key_order":[...] (order of top-level JSON keys), "literal":[...]
         (byte sequences that must occur in the raw body)
   JSON pattern: literal values compare equal, objects need the same key set,
   arrays the same length, except for the masks
     "<any>" "<str>" "<int>" "<num>" "<bool>" "<list>" "<dict>" "<null>"
     "<re:REGEX>" "<META>" (standard meta object)
     {"<subset>":{..}}  listed keys must match, others are ignored
     {"<each>":P}       array, every element matches P
     {"<has>":[P,..]}   array, for every P some element matches

Anything the server sends after the first complete response of a step is
ignored (26.05 repeats error responses on the same connection).

Prerequisites of the recorded cases: cluster "lab", users alice (1001) and bob
(1002) in account sci, root Administrator, partitions debug (node c1) and batch
(sim0001..sim1000), licenses matlab:10 and ansys:4, no reservations, rest_auth/jwt,
default -s/-d, JSON pretty, no SLURMRESTD_* environment.

Exit status: 0 all selected cases passed, 1 some failed, 2 usage error.
"""

import argparse
import base64
import contextlib
import hashlib
import hmac
import json
import re
import shlex
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

META_KEYS = {
    "plugin": {
        "type": "<str>",
        "name": "<str>",
        "data_parser": "<str>",
        "accounting_storage": "<str>",
    },
    "client": {"source": "<str>", "user": "<str>", "group": "<str>"},
    "command": "<list>",
    "slurm": {
        "version": {"major": "<str>", "micro": "<str>", "minor": "<str>"},
        "release": "<str>",
        "cluster": "<str>",
    },
}


def match(pat, val, path="$"):
    """Return a list of difference strings (empty when val matches pat)."""
    if isinstance(pat, str) and pat.startswith("<") and pat.endswith(">"):
        t = pat[1:-1]
        isnum = isinstance(val, (int, float)) and not isinstance(val, bool)
        ok = {
            "any": True,
            "str": isinstance(val, str),
            "bool": isinstance(val, bool),
            "int": isinstance(val, int) and not isinstance(val, bool),
            "num": isnum,
            "list": isinstance(val, list),
            "dict": isinstance(val, dict),
            "null": val is None,
        }
        if t == "META":
            return match(META_KEYS, val, path)
        if t.startswith("re:"):
            if isinstance(val, str) and re.fullmatch(t[3:], val, re.S):
                return []
            return [f"{path}: {val!r} !~ /{t[3:]}/"]
        if t in ok:
            return [] if ok[t] else [f"{path}: expected {pat}, got {short(val)}"]
    if isinstance(pat, dict):
        if set(pat) == {"<subset>"}:
            if not isinstance(val, dict):
                return [f"{path}: expected object, got {short(val)}"]
            out = []
            for k, p in pat["<subset>"].items():
                out += match(p, val[k], path + "." + k) if k in val else [f"{path}.{k}: missing"]
            return out
        if set(pat) == {"<each>"}:
            if not isinstance(val, list):
                return [f"{path}: expected array, got {short(val)}"]
            out = []
            for i, v in enumerate(val):
                out += match(pat["<each>"], v, "%s[%d]" % (path, i))
            return out[:5]
        if set(pat) == {"<has>"}:
            if not isinstance(val, list):
                return [f"{path}: expected array, got {short(val)}"]
            return [
                f"{path}: no element matches {short(p)}"
                for p in pat["<has>"]
                if all(match(p, v, path) for v in val)
            ]
        if not isinstance(val, dict):
            return [f"{path}: expected object, got {short(val)}"]
        out = [f"{path}.{k}: missing" for k in pat if k not in val]
        out += [f"{path}.{k}: unexpected ({short(val[k])})" for k in val if k not in pat]
        for k in pat:
            if k in val:
                out += match(pat[k], val[k], path + "." + k)
        return out
    if isinstance(pat, list):
        if not isinstance(val, list):
            return [f"{path}: expected array, got {short(val)}"]
        if len(pat) != len(val):
            return ["%s: expected %d elements, got %d: %s" % (path, len(pat), len(val), short(val))]
        out = []
        for i, (p, v) in enumerate(zip(pat, val, strict=False)):
            out += match(p, v, "%s[%d]" % (path, i))
        return out
    if isinstance(pat, bool) or isinstance(val, bool):
        return [] if pat is val else [f"{path}: expected {short(pat)}, got {short(val)}"]
    return [] if pat == val else [f"{path}: expected {short(pat)}, got {short(val)}"]


def short(v, n=160):
    s = json.dumps(v, ensure_ascii=False, default=repr)
    return s if len(s) <= n else s[:n] + "..."


class Env:
    def __init__(self, args):
        self.args, self.tokens = args, {}

    def token(self, user):
        if user not in self.tokens:
            cmd = self.args.token_cmd.replace("{user}", user)
            for pause in (2, 5, 10, None):  # a busy slurmctld refuses now and then
                run = subprocess.run(
                    cmd if self.args.shell else shlex.split(cmd),
                    shell=self.args.shell,
                    capture_output=True,
                    text=True,
                )
                if not run.returncode or pause is None:
                    break
                time.sleep(pause)
            run.check_returncode()
            out = run.stdout.strip()
            self.tokens[user] = out.split("=", 1)[1] if out.startswith("SLURM_JWT=") else out
        return self.tokens[user]

    def mint(self, spec):
        spec = json.loads(spec)
        now = int(time.time())
        for k in ("exp", "iat", "nbf"):
            if isinstance(spec.get(k), str) and spec[k][:1] in "+-":
                spec[k] = now + int(spec[k])
        hdr = {"alg": spec.pop("_alg", "HS256"), "typ": "JWT"}
        if "_kid" in spec:
            hdr["kid"] = spec.pop("_kid")
        key = spec.pop("_key", None)
        key = key.encode() if key else Path(self.args.jwt_key).read_bytes()

        def enc(b):
            return base64.urlsafe_b64encode(b).rstrip(b"=").decode()

        msg = enc(json.dumps(hdr).encode()) + "." + enc(json.dumps(spec).encode())
        return msg + "." + enc(hmac.new(key, msg.encode(), hashlib.sha256).digest())

    def subst(self, v, cap, capture_only=False):
        if isinstance(v, str):
            if not capture_only:
                v = re.sub(r"\$\{TOKEN_([A-Z]+)\}", lambda m: self.token(m[1].lower()), v)
                v = re.sub(r"\$\{JWT(\{.*?\})\}", lambda m: self.mint(m[1]), v)
            full = re.fullmatch(r"\$\{#([A-Z0-9_]+)\}", v)  # ${#X}: keep the JSON type
            if full and full[1] in cap:
                return cap[full[1]]
            return re.sub(
                r"\$\{([A-Z0-9_]+)\}", lambda m: str(cap[m[1]]) if m[1] in cap else m[0], v
            )
        if isinstance(v, list):
            return [self.subst(x, cap, capture_only) for x in v]
        if isinstance(v, dict):
            return {
                self.subst(k, cap, capture_only): self.subst(x, cap, capture_only)
                for k, x in v.items()
            }
        return v


def connect(url, timeout):
    if url.startswith("unix:"):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(timeout)
        s.connect(url[5:])
        return s
    u = urlsplit(url)
    return socket.create_connection((u.hostname, u.port or 80), timeout)


def build(req):
    if "raw" in req:
        return req["raw"].encode("latin-1")
    h = req.get("headers", {})
    h = list(h.items()) if isinstance(h, dict) else [tuple(x) for x in h]
    body = b""
    if "json" in req:
        body = json.dumps(req["json"]).encode()
    elif req.get("body") is not None:
        body = req["body"].encode("utf-8", "surrogateescape")
    names = {k.lower() for k, _ in h}
    if "host" not in names:
        h.insert(0, ("Host", "localhost"))
    if ("json" in req or req.get("body") is not None) and "content-length" not in names:
        h.append(("Content-Length", str(len(body))))
    head = "{} {} HTTP/1.1\r\n".format(req.get("method", "GET"), req["path"])
    return (head + "".join("{}: {}\r\n".format(*kv) for kv in h) + "\r\n").encode("latin-1") + body


def dechunk(data):
    """The body in a chunked message, or None while it is not complete."""
    out, pos = [], 0
    while True:
        end = data.find(b"\r\n", pos)
        if end < 0:
            return None
        size = int(data[pos:end].split(b";")[0], 16)
        pos = end + 2
        if len(data) < pos + size + 2:
            return None
        if not size:
            return b"".join(out)
        out.append(data[pos : pos + size])
        pos += size + 2


def exchange(url, data, timeout, want_close=None):
    """Send data, read the first response. Returns dict(status, reason, headers, body, closed)."""
    s = connect(url, timeout)
    buf, eof, reset = b"", False, False
    try:
        s.sendall(data)

        def more():
            nonlocal buf, eof, reset
            try:
                d = s.recv(65536)
            except ConnectionResetError:
                eof = reset = True
                return
            if d:
                buf += d
            else:
                eof = True

        while b"\r\n\r\n" not in buf and not eof:
            more()
        head, sep, _rest = buf.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        m = re.match(r"HTTP/(\d\.\d) (\d+) ?(.*)", lines[0])
        if not m:
            raise ValueError(f"bad status line {lines[0][:80]!r}")
        hdrs = {}
        for ln in lines[1:]:
            k, _, v = ln.partition(":")
            hdrs.setdefault(k.strip().lower(), v.strip())
        start = len(head) + len(sep)
        if "chunked" in hdrs.get("transfer-encoding", "").lower():
            body = None
            while body is None:
                body = dechunk(buf[start:])
                if body is None and eof:
                    raise ValueError("chunked body cut short after %d bytes" % (len(buf) - start))
                if body is None:
                    more()
        elif data.startswith(b"HEAD ") or int(m[2]) < 200 or int(m[2]) in (204, 304):
            body = b""
        elif "content-length" in hdrs:
            n = int(hdrs["content-length"] or 0)
            while len(buf) - start < n and not eof:
                more()
            body = buf[start:][:n]
        else:  # delimited by the end of the connection
            while m[1] == "1.0" and not eof:
                more()
            body = buf[start:]
        if want_close is not None:
            s.settimeout(timeout if want_close else 0.4)
            try:
                while not eof:
                    more()
            except TimeoutError:
                pass
        return {
            "version": m[1],
            "status": int(m[2]),
            "reason": m[3],
            "headers": hdrs,
            "body": body,
            "closed": eof,
        }
    finally:
        s.close()


def check(exp, r):
    out = []
    if "status" in exp and exp["status"] != r["status"]:
        out.append(
            "status: expected {}, got {}; body {!r}".format(
                exp["status"], r["status"], r["body"][:300]
            )
        )
    if "reason" in exp and exp["reason"] != r["reason"]:
        out.append("reason: expected {!r}, got {!r}".format(exp["reason"], r["reason"]))
    if "http_version" in exp and exp["http_version"] != r["version"]:
        out.append(
            "http version: expected {!r}, got {!r}".format(exp["http_version"], r["version"])
        )
    if "content_type" in exp and exp["content_type"] != r["headers"].get("content-type"):
        out.append(
            "content-type: expected {!r}, got {!r}".format(
                exp["content_type"], r["headers"].get("content-type")
            )
        )
    for k, v in exp.get("headers", {}).items():
        if r["headers"].get(k.lower()) != v:
            out.append(
                "header {}: expected {!r}, got {!r}".format(k, v, r["headers"].get(k.lower()))
            )
    for k in exp.get("absent_headers", []):
        if k.lower() in r["headers"]:
            out.append("header {}: must be absent, got {!r}".format(k, r["headers"][k.lower()]))
    if "closed" in exp and exp["closed"] != r["closed"]:
        out.append("connection closed: expected {}, got {}".format(exp["closed"], r["closed"]))
    b = exp.get("body")
    if not b:
        return out
    raw = r["body"]
    text = raw.decode("utf-8", "surrogateescape")
    if b.get("empty") and raw:
        out.append(f"body: expected empty, got {text[:200]!r}")
    if "text" in b and b["text"] != text:
        out.append("body: expected {!r}, got {!r}".format(b["text"], text[:300]))
    if "regex" in b and not re.search(b["regex"], text, re.S | re.M):
        out.append("body: {!r} !~ /{}/".format(text[:200], b["regex"]))
    for x in b.get("yaml_regex", []):
        if not re.search(x, text, re.S | re.M):
            out.append(f"body: no match for /{x}/ in {text[:200]!r}")
    for x in b.get("contains", []) + b.get("literal", []):
        if x not in text:
            out.append(f"body: {x!r} not found in {text[:200]!r}")
    if "json" in b or "key_order" in b:
        try:
            j = json.loads(text)
        except ValueError as e:
            return [*out, f"body: not JSON ({e}): {text[:200]!r}"]
        if "json" in b:
            out += match(b["json"], j)
        if "key_order" in b and list(j) != b["key_order"]:
            out.append("key order: expected {}, got {}".format(b["key_order"], list(j)))
    return out


def dig(v, path):
    for p in path.split("."):
        v = v[int(p)] if isinstance(v, list) else v[p]
    return v


def run_case(case, env, url, timeout):
    cap, out = {}, []
    steps = case.get("steps") or [{"request": case["request"], "expect": case["expect"]}]
    try:
        for i, st in enumerate(steps):
            exp = env.subst(st.get("expect", {}), cap, True)
            r = exchange(url, build(env.subst(st["request"], cap)), timeout, exp.get("closed"))
            for k, p in st.get("capture", {}).items():
                try:
                    cap[k] = dig(json.loads(r["body"]), p)
                except (ValueError, KeyError, IndexError, TypeError):
                    out.append("step %d: cannot capture %s from %r" % (i + 1, p, r["body"][:200]))
                    return out
            tag = "step %d: " % (i + 1) if len(steps) > 1 else ""
            out += [tag + x for x in check(exp, r)]
    except (OSError, ValueError, subprocess.CalledProcessError) as e:
        out.append(f"{type(e).__name__}: {e}")
    finally:
        for rq in case.get("cleanup", []):
            with contextlib.suppress(OSError, ValueError, KeyError):
                exchange(url, build(env.subst(rq, cap)), timeout)
    return out


def main():
    ap = argparse.ArgumentParser(description="run slurmrestd golden cases")
    ap.add_argument(
        "files", nargs="*", help="case files (default: cases.jsonl next to this script)"
    )
    ap.add_argument("--base-url", required=True, help="http://host:port or unix:/path")
    ap.add_argument("--release", help="only cases recorded on this release, e.g. 26.05")
    ap.add_argument("--select", default="", help="regular expression on case id / group / version")
    ap.add_argument("--exclude", default="", help="regular expression of cases to leave out")
    ap.add_argument(
        "--token-cmd",
        default="scontrol token lifespan=3600 username={user}",
        help="command printing a token for {user}",
    )
    ap.add_argument("--shell", action="store_true", help="run --token-cmd through the shell")
    ap.add_argument("--jwt-key", help="HS256 key file, for cases that mint tokens")
    ap.add_argument("--timeout", type=float, default=30)
    ap.add_argument("--list", action="store_true")
    ap.add_argument("-v", "--verbose", action="store_true")
    ap.add_argument("--max-diff", type=int, default=6)
    a = ap.parse_args()
    files = a.files or [Path(__file__).parent / "cases.jsonl"]
    env, npass, fails, nskip = Env(a), 0, [], 0
    for f in files:
        for ln in open(f, encoding="utf-8"):
            if not ln.strip():
                continue
            c = json.loads(ln)
            key = " ".join([c["id"], c.get("group", ""), c.get("version") or ""])
            if (
                (a.release and c["release"] != a.release)
                or not re.search(a.select, key)
                or (a.exclude and re.search(a.exclude, key))
            ):
                continue
            if a.list:
                print(c["id"])
                continue
            if "jwt_key" in c.get("requires", []) and not a.jwt_key:
                nskip += 1
                continue
            diffs = run_case(c, env, a.base_url, a.timeout)
            if diffs:
                fails.append(c["id"])
                print("FAIL {}".format(c["id"]))
                for d in diffs[: a.max_diff]:
                    print("     " + d)
                if len(diffs) > a.max_diff:
                    print("     ... %d more" % (len(diffs) - a.max_diff))
            else:
                npass += 1
                if a.verbose:
                    print("ok   {}".format(c["id"]))
    if not a.list:
        print("%d passed, %d failed, %d skipped" % (npass, len(fails), nskip))
    return 1 if fails else 0


if __name__ == "__main__":
    sys.exit(main())
