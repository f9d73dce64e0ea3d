// Imports files as online documents, and does not give up where patience helps.

import fs from "node:fs";
import path from "node:path";
import { setTimeout } from "node:timers/promises";

export const SOURCE_EXPIRED = 1069913;
const TOO_MANY_REQUESTS = [99991400, 1069923];
const PENDING = [1, 2];

/** The code of a refusal; the SDK throws on every status but 2xx. */
export const codeOf = (error) => error.response?.data?.code;

export class Importer {
  /** `sleep` takes seconds; a test passes one that only moves the server's clock. */
  constructor(client, sleep = (seconds) => setTimeout(seconds * 1000)) {
    this.drive = client.drive;
    this.sleep = sleep;
  }

  /** The address of the document. `source` is an upload from earlier, which may have expired. */
  async importFile(file, source) {
    let ticket;
    try {
      ticket = await this.create(file, source ?? (await this.upload(file)));
    } catch (error) {
      if (codeOf(error) !== SOURCE_EXPIRED) throw error;
      ticket = await this.create(file, await this.upload(file));
    }
    return this.wait(ticket);
  }

  async upload(file) {
    const extra = { obj_type: "docx", file_extension: path.extname(file).slice(1) };
    const uploaded = await this.drive.media.uploadAll({
      data: {
        file_name: path.basename(file),
        parent_type: "ccm_import_open",
        parent_node: "",
        size: fs.statSync(file).size,
        extra: JSON.stringify(extra),
        file: fs.createReadStream(file),
      },
    });
    return uploaded.file_token;
  }

  async create(file, source) {
    const extension = path.extname(file);
    const created = await this.drive.importTask.create({
      data: {
        file_extension: extension.slice(1),
        file_token: source,
        type: "docx",
        file_name: path.basename(file, extension),
        point: { mount_type: 1, mount_key: "" },
      },
    });
    return created.data.ticket;
  }

  async wait(ticket) {
    for (let poll = 0; poll < 60; poll += 1) {
      let result;
      try {
        ({ result } = (await this.drive.importTask.get({ path: { ticket } })).data);
      } catch (error) {
        if (!TOO_MANY_REQUESTS.includes(codeOf(error))) throw error;
        await this.sleep(Number(error.response.headers["x-ogw-ratelimit-reset"]));
        continue;
      }
      if (result.job_status === 0) return result.url;
      if (!PENDING.includes(result.job_status)) {
        throw new Error(`import failed: ${result.job_status} ${result.job_error_msg}`);
      }
      await this.sleep(1);
    }
    throw new Error(`${ticket} is still pending`);
  }
}
