// The code flow as a person meets it: a real browser opens the consent page of a running server, allows
// and denies, and an OAuth client goes on with what comes back. Also looks at what a page must never do.
//
//   node consent.mjs [FOLDER]        FOLDER receives pictures of the pages
//
// Reads LARKSPUR_URL and LARKSPUR_ADMIN_TOKEN.
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import { join } from "node:path";
import assert from "node:assert/strict";
import { chromium } from "playwright-core";

const base = process.env.LARKSPUR_URL;
const pictures = process.argv[2];
const flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync"];

async function call(method, path, body, token) {
  const headers = { "content-type": "application/json" };
  if (token) headers.authorization = `Bearer ${token}`;
  const answer = await fetch(base + path, { method, headers, body: body && JSON.stringify(body) });
  return { status: answer.status, body: await answer.json() };
}
const admin = async (method, path, body) => {
  const answer = await call(method, `/larkspur/v1${path}`, body, process.env.LARKSPUR_ADMIN_TOKEN);
  assert.equal(answer.body.code, 0, JSON.stringify(answer.body));
  return answer.body.data;
};

// The app's own server, which browsers come back to.
const arrivals = [];
const app = createServer((request, response) => {
  if (request.url.startsWith("/callback")) arrivals.push(new URL(request.url, "http://127.0.0.1"));
  response.setHeader("content-type", "text/html");
  response.end("<!doctype html><title>back</title>back at the app");
});
await new Promise((done) => app.listen(0, "127.0.0.1", done));
const redirect = `http://127.0.0.1:${app.address().port}/callback`;

const scopes = ["drive:drive", "docs:document:import", "docx:document:readonly", "wiki:wiki:readonly",
  "contact:user.email:readonly", "auth:user.id:read", "offline_access"];
const { tenant } = await admin("POST", "/tenants", {
  name: "Browser", app: { name: "飞鸟 Reports", redirect_uris: [redirect], scopes },
});
await admin("POST", "/users", { tenant_id: tenant.tenant_id, user_id: "li", name: "李雷", email: "li@example.com",
  password: "correct horse" });

const verifier = randomBytes(32).toString("base64url");
const address = (more = {}) => `${base}/open-apis/authen/v1/authorize?` + new URLSearchParams({
  client_id: tenant.app_id, response_type: "code", redirect_uri: redirect, scope: scopes.join(" "), state: "s & 态",
  code_challenge: createHash("sha256").update(verifier).digest("base64url"), code_challenge_method: "S256", ...more,
});

const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", headless: true, args: flags });
const foreign = [];
async function tab(options = {}) {
  const context = await browser.newContext({ locale: "en-GB", ...options });
  const page = await context.newPage();
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (url.origin !== new URL(base).origin && url.origin !== new URL(redirect).origin) foreign.push(url.href);
  });
  page.on("console", (message) => {
    if (message.type() === "error" && !/favicon|40[03]/.test(message.text())) foreign.push(message.text());
  });
  return page;
}
const shoot = async (page, name) => {
  if (pictures) await page.screenshot({ path: join(pictures, `${name}.png`), fullPage: true });
};

try {
  // Without scripts, as the page promises.
  let page = await tab({ javaScriptEnabled: false });
  await page.goto(address());
  await shoot(page, "light");
  assert.match(await page.content(), /飞鸟 Reports/);
  await page.selectOption("select[name=user]", `${tenant.tenant_id}/li`);
  await page.click("button[value=allow]");
  await page.waitForURL(`${redirect}**`);
  const back = arrivals.pop();
  assert.equal(back.searchParams.get("state"), "s & 态");

  // An OAuth client redeems the code with a form and HTTP Basic.
  const redeemed = await fetch(`${base}/open-apis/authen/v2/oauth/token`, {
    method: "POST",
    headers: { authorization: "Basic " + Buffer.from(`${tenant.app_id}:${tenant.app_secret}`).toString("base64") },
    body: new URLSearchParams({ grant_type: "authorization_code", code: back.searchParams.get("code"),
      redirect_uri: redirect, code_verifier: verifier }),
  });
  const tokens = await redeemed.json();
  assert.equal(redeemed.status, 200, JSON.stringify(tokens));
  const info = await call("GET", "/open-apis/authen/v1/user_info", undefined, tokens.access_token);
  assert.equal(info.body.data?.name, "李雷", JSON.stringify(info.body));
  assert.equal(info.body.data?.email, "li@example.com");
  const renewed = await call("POST", "/open-apis/authen/v2/oauth/token", { grant_type: "refresh_token",
    client_id: tenant.app_id, client_secret: tenant.app_secret, refresh_token: tokens.refresh_token });
  assert.equal(renewed.body.code, 0, JSON.stringify(renewed.body));

  // The other language by a link, in the dark.
  page = await tab({ colorScheme: "dark" });
  await page.goto(address());
  await page.click("header a");
  assert.equal(await page.getAttribute("html", "lang"), "zh-CN");
  await shoot(page, "dark-chinese");
  await page.click("button[value=deny]");
  await page.waitForURL(`${redirect}**`);
  assert.equal(arrivals.pop().searchParams.get("error"), "access_denied");

  // A telephone, by the browser's language.
  page = await tab({ viewport: { width: 360, height: 740 }, locale: "zh-CN" });
  await page.goto(address());
  await shoot(page, "phone-chinese");
  const wide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
  assert.equal(wide, false, "the page is wider than a telephone");

  // From elsewhere one must prove who one is.
  page = await tab({ extraHTTPHeaders: { "x-forwarded-for": "203.0.113.7" } });
  await page.goto(address());
  await page.fill("input[name=user]", "li");
  await page.fill("input[name=password]", "wrong");
  await page.click("button[value=allow]");
  await page.waitForSelector("[role=alert]");
  await shoot(page, "elsewhere-wrong");
  await page.fill("input[name=password]", "correct horse");
  await page.click("button[value=allow]");
  await page.waitForURL(`${redirect}**`);
  assert.ok(arrivals.pop().searchParams.get("code"));

  // What is wrong stands on a page.
  page = await tab();
  await page.goto(address({ scope: "drive:drive no:such" }));
  assert.match(await page.textContent("main"), /20027/);
  await shoot(page, "unknown-scope");
  await page.goto(address({ redirect_uri: "http://evil.example/" }));
  assert.match(await page.textContent("main"), /20029/);

  // No frame shows the page.
  page = await tab();
  await page.goto(redirect.replace("/callback", "/frame"));
  await page.evaluate((src) => {
    const frame = document.createElement("iframe");
    frame.src = src;
    document.body.append(frame);
    return new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
  }, address());
  const framed = page.frames().filter((frame) => frame.url().startsWith(base));
  for (const frame of framed) assert.equal(await frame.locator("form").count().catch(() => 0), 0, "framed");
  assert.deepEqual(foreign.filter((text) => !/frame|Refused/i.test(text)), [], "asked others, or broke the policy");
  console.log("the consent page passes in a browser");
} finally {
  await browser.close();
  app.close();
}
