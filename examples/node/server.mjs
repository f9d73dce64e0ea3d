// A server for the tests, and a tenant for each of them.

import { spawn } from "node:child_process";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { setTimeout } from "node:timers/promises";
import * as lark from "@larksuiteoapi/node-sdk";

/** Refusals are expected here; the SDK would print each of them. */
const nothing = () => {};
const silent = { error: nothing, warn: nothing, info: nothing, debug: nothing, trace: nothing };

/** `larkspur serve --memory`, and its operator's API. */
export class Server {
  static async start() {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), "larkspur-"));
    const envFile = path.join(folder, "env");
    const options = ["serve", "--memory", "--listen", "127.0.0.1:0", "--env-file", envFile];
    const stdio = ["ignore", "ignore", "inherit"];
    const child = spawn(process.env.LARKSPUR_BINARY ?? "larkspur", options, { stdio });
    // The file appears, whole, once the server answers.
    while (!fs.existsSync(envFile)) {
      if (child.exitCode !== null) throw new Error("the server did not start");
      await setTimeout(10);
    }
    const lines = fs.readFileSync(envFile, "utf8").trim().split("\n");
    const env = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s)));
    return Object.assign(new Server(), {
      folder,
      child,
      url: env.LARKSPUR_URL,
      token: env.LARKSPUR_ADMIN_TOKEN,
    });
  }

  /** POST to the operator's API; the data of the answer. */
  async operate(place, body) {
    const answer = await fetch(this.url + place, {
      method: "POST",
      headers: { Authorization: `Bearer ${this.token}` },
      body: JSON.stringify(body),
    });
    const envelope = await answer.json();
    if (envelope.code !== 0) throw new Error(JSON.stringify(envelope));
    return envelope.data;
  }

  /** A tenant that no other test sees. */
  async tenant() {
    const { tenant } = await this.operate("/larkspur/v1/tenants", { name: "example" });
    const client = new lark.Client({
      domain: this.url,
      appId: tenant.app_id,
      appSecret: tenant.app_secret,
      logger: silent,
    });
    const slept = [];
    return {
      client,
      slept,
      /** Time for the server, none for the test. */
      sleep: (seconds) => {
        slept.push(seconds);
        return this.operate("/larkspur/v1/clock/advance", { by: `${seconds}s` });
      },
      /** A rule for this tenant's requests or tasks. */
      rehearse: (rule) =>
        this.operate("/larkspur/v1/faults", { tenant: tenant.tenant_id, ...rule }),
    };
  }

  async stop() {
    const ended = new Promise((done) => this.child.once("exit", done));
    this.child.kill();
    await ended;
    fs.rmSync(this.folder, { recursive: true });
  }
}
