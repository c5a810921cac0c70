// The `threadly` program on the test run's servers, with a folder of manifests of its own.

import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

function variable(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the tests with \`cargo xtask test browser\``);
  return value;
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Asks until the answer is truthy; fails after `seconds`. */
export async function until(what, ask, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
    await wait(50);
  }
}

/** A running program; it can be killed and started again on the same data. */
export class Threadly {
  static async start(manifests) {
    const threadly = new Threadly();
    threadly.folder = await mkdtemp(join(tmpdir(), 'threadly-browser-'));
    threadly.manifests = join(threadly.folder, 'workspaces');
    await mkdir(threadly.manifests);
    for (const [name, text] of Object.entries(manifests)) await threadly.manifest(name, text);
    // All programs on one Postgres server derive its logins from the same root; this is the test suite's.
    await mkdir(join(threadly.folder, 'secrets'));
    await writeFile(join(threadly.folder, 'secrets', 'root.key'), Buffer.alloc(32, 7));
    threadly.port = await freePort();
    threadly.bucketsPort = await freePort();
    threadly.database = `control_browser_${randomBytes(4).toString('hex')}`;
    await threadly.restart();
    return threadly;
  }

  /** Writes a manifest beside the others. */
  manifest(name, text) {
    return writeFile(join(this.manifests, name), text);
  }

  async restart() {
    const program = spawn(join(variable('THREADLY_TEST_BIN'), 'threadly'), {
      env: {
        ...process.env,
        THREADLY_LISTEN: `127.0.0.1:${this.port}`,
        THREADLY_BUCKETS_LISTEN: `127.0.0.1:${this.bucketsPort}`,
        THREADLY_KAFKA: variable('THREADLY_TEST_KAFKA'),
        THREADLY_POSTGRES_URL: variable('THREADLY_TEST_POSTGRES'),
        THREADLY_DATA_DIR: this.folder,
        THREADLY_MANIFESTS: this.manifests,
        THREADLY_CONTROL_DATABASE: this.database,
        THREADLY_LOG: 'warn',
      },
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    this.program = program;
    this.ended = new Promise((resolve) => program.once('exit', resolve));
    await until('threadly is ready', async () => {
      if (program.exitCode !== null) throw new Error(`threadly ended with ${program.exitCode}`);
      const status = await this.status();
      return status?.pid === program.pid && status.ready;
    });
  }

  /** What stands in `status.json`, if it can be read. */
  async status() {
    try {
      return JSON.parse(await readFile(join(this.folder, 'status.json'), 'utf8'));
    } catch {
      return null;
    }
  }

  /** The entry of a manifest. */
  async workspace(name) {
    return (await this.status())?.workspaces.find((workspace) => workspace.name === name);
  }

  async kill() {
    this.program.kill('SIGKILL');
    await this.ended;
  }

  async stop() {
    this.program.kill('SIGTERM');
    const code = await this.ended;
    await rm(this.folder, { recursive: true, force: true });
    if (code !== 0) throw new Error(`threadly ended with ${code}`);
  }
}
