"""Fills a fresh server with one of everything that paths speak of, and gets the tokens callers have.

Writes a JSON file: `tokens` by kind, `values` by the name of the parameter they fit. Standard library alone.
"""

import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from html import unescape

URL = os.environ["LARKSPUR_URL"]
APP, SECRET = os.environ["LARKSPUR_APP_ID"], os.environ["LARKSPUR_APP_SECRET"]
ADMIN = os.environ["LARKSPUR_ADMIN_TOKEN"]
BACK = "http://127.0.0.1:9/back"


class Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


OPENER = urllib.request.build_opener(Stay, urllib.request.ProxyHandler({}))


def send(method, path, body=None, token=None, headers=None, kind="application/json"):
    headers = dict(headers or {})
    if token:
        headers["Authorization"] = f"Bearer {token}"
    if body is not None:
        headers["Content-Type"] = kind
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
    request = urllib.request.Request(URL + path, body, headers, method=method)
    try:
        return OPENER.open(request, timeout=30)
    except urllib.error.HTTPError as answer:
        return answer


def call(method, path, body=None, token=None, **more):
    answer = json.load(send(method, path, body, token, **more))
    if answer.get("code") != 0:
        sys.exit(f"{method} {path}: {answer}")
    return answer.get("data", answer)


def form(fields, file):
    mark = "larkspur-boundary"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n'
    parts += [head.encode(), file, f"\r\n--{mark}--\r\n".encode()]
    return b"".join(parts), f"multipart/form-data; boundary={mark}"


def user_token():
    """Signs the administrator in as a browser on this machine does."""
    call("PATCH", f"/larkspur/v1/apps/{APP}", {"redirect_uris": [BACK]}, ADMIN)
    query = urllib.parse.urlencode(
        {"client_id": APP, "response_type": "code", "redirect_uri": BACK, "scope": SCOPES}
    )
    page = send("GET", "/open-apis/authen/v1/authorize?" + query)
    cookie = page.headers["Set-Cookie"].split(";")[0]
    html = page.read().decode()
    fields = {"decision": "allow"}
    for name in ("query", "proof", "lang"):
        fields[name] = unescape(re.search(f'name="{name}" value="([^"]*)"', html)[1])
    user = call("GET", "/larkspur/v1/users", token=ADMIN)["items"][0]
    # On this machine people are chosen without a password.
    fields["user"] = re.search(r'<option value="([^"]*)"', html)[1]
    answer = send(
        "POST",
        "/larkspur/v1/authorize",
        urllib.parse.urlencode(fields).encode(),
        headers={"Cookie": cookie},
        kind="application/x-www-form-urlencoded",
    )
    if answer.status != 302:
        sys.exit(f"sign-in: HTTP {answer.status} {answer.read()[:2000]}")
    code = urllib.parse.parse_qs(urllib.parse.urlparse(answer.headers["Location"]).query)["code"][0]
    body = {
        "grant_type": "authorization_code",
        "client_id": APP,
        "client_secret": SECRET,
        "code": code,
        "redirect_uri": BACK,
    }
    return json.load(send("POST", "/open-apis/authen/v2/oauth/token", body))["access_token"], user


def imported(token, name, kind, content):
    extension = name.rsplit(".")[-1]
    extra = json.dumps({"obj_type": kind, "file_extension": extension})
    fields = {"file_name": name, "parent_type": "ccm_import_open", "parent_node": "", "size": len(content), "extra": extra}
    body, media = form(fields, content)
    source = call("POST", "/open-apis/drive/v1/medias/upload_all", body, token, kind=media)["file_token"]
    body = {
        "file_extension": extension,
        "file_token": source,
        "type": kind,
        "file_name": name.rsplit(".")[0],
        "point": {"mount_type": 1, "mount_key": ""},
    }
    ticket = call("POST", "/open-apis/drive/v1/import_tasks", body, token)["ticket"]
    for _ in range(600):
        result = call("GET", f"/open-apis/drive/v1/import_tasks/{ticket}", token=token)["result"]
        if result["job_status"] == 0:
            return result["token"], ticket
        time.sleep(0.1)
    sys.exit(f"the import of {name} does not end: {result}")


description = json.load(send("GET", "/larkspur/v1/openapi.json", token=ADMIN))
SCOPES = " ".join(
    sorted(
        {
            operation["x-scopes"][0]
            for methods in description["paths"].values()
            for operation in methods.values()
            if operation.get("x-scopes") and "user" in operation["x-token-types"]
        }
    )[:49]
)
credentials = {"app_id": APP, "app_secret": SECRET}
tenant = call("POST", "/open-apis/auth/v3/tenant_access_token/internal", credentials)["tenant_access_token"]
app = call("POST", "/open-apis/auth/v3/app_access_token/internal", credentials)["app_access_token"]
user, person = user_token()
document, ticket = imported(tenant, "page.md", "docx", b"# Title\n\nwords\n\n- item\n\n| a | b |\n|---|---|\n| 1 | 2 |\n")
sheet, _ = imported(tenant, "numbers.csv", "sheet", b"a,b\n1,2\n3,4\n")
base, _ = imported(tenant, "people.csv", "bitable", b"name,age\nAda,36\nAlan,41\n")
blocks = call("GET", f"/open-apis/docx/v1/documents/{document}/blocks", token=tenant)["items"]
tables = call("GET", f"/open-apis/bitable/v1/apps/{base}/tables", token=tenant)["items"]
table = tables[0]["table_id"]
fields = call("GET", f"/open-apis/bitable/v1/apps/{base}/tables/{table}/fields", token=tenant)["items"]
records = call("GET", f"/open-apis/bitable/v1/apps/{base}/tables/{table}/records", token=tenant)["items"]
views = call("GET", f"/open-apis/bitable/v1/apps/{base}/tables/{table}/views", token=tenant)["items"]
sheets = call("GET", f"/open-apis/sheets/v3/spreadsheets/{sheet}/sheets/query", token=tenant)["sheets"]
root = call("GET", "/open-apis/drive/explorer/v2/root_folder/meta", token=tenant)["token"]
content = b"plain"
upload = {"file_name": "a.txt", "parent_type": "explorer", "parent_node": root, "size": len(content)}
body, media = form(upload, content)
file = call("POST", "/open-apis/drive/v1/files/upload_all", body, tenant, kind=media)["file_token"]
export = {"file_extension": "docx", "token": document, "type": "docx"}
export_ticket = call("POST", "/open-apis/drive/v1/export_tasks", export, tenant)["ticket"]
spaces = call("GET", "/open-apis/wiki/v2/spaces", token=tenant)["items"]
space = spaces[0]["space_id"] if spaces else ""
nodes = call("GET", f"/open-apis/wiki/v2/spaces/{space}/nodes", token=tenant)["items"] if space else []
departments = call("GET", "/larkspur/v1/departments", token=ADMIN)["items"]
hook = call("POST", "/larkspur/v1/webhooks", {"url": "https://receiver.invalid/hook"}, ADMIN)["webhook"]
values = {
    "document_id": [document],
    "block_id": [block["block_id"] for block in blocks],
    "spreadsheet_token": [sheet],
    "spreadsheetToken": [sheet],
    "sheet_id": [one["sheet_id"] for one in sheets],
    "range": [f"{sheets[0]['sheet_id']}!A1:B2"],
    "app_token": [base],
    "table_id": [table],
    "field_id": [one["field_id"] for one in fields],
    "record_id": [one["record_id"] for one in records],
    "view_id": [one["view_id"] for one in views],
    "folder_token": [root],
    "folderToken": [root],
    "file_token": [file, document],
    "token": [document, sheet, base],
    "ticket": [ticket, export_ticket],
    "space_id": [space],
    "node_token": [node["node_token"] for node in nodes],
    "parent_node_token": [node["node_token"] for node in nodes],
    "task_id": [ticket, export_ticket],
    "user_id": [person["user_id"]],
    "department_id": [one["department_id"] for one in departments],
    "webhook_id": [hook["webhook_id"]],
    "app_id": [APP],
    "tenant_id": [person["tenant_id"]],
    "chat_id": ["oc_" + hashlib.md5(b"chat").hexdigest()],
}
with open(sys.argv[1], "w", encoding="utf-8") as out:
    tokens = {"tenant": tenant, "user": user, "app": app, "admin": ADMIN}
    json.dump({"tokens": tokens, "values": {name: found for name, found in values.items() if found}}, out)
