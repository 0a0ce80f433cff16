// A program that calls Ajera with the built-in fetch, and its tests. Run it with: node sync.mjs
import assert from "node:assert/strict";
import test from "node:test";

const { AJERA_API_URL, AJERA_API_USERNAME, AJERA_API_PASSWORD } = process.env;

// The program. In a real project, it is in its own module.

/** Ajera refused a call. `why` is the mock's reason; the real service gives none. */
class Refused extends Error {
  constructor(errors, headers) {
    super(errors.map((error) => error.ErrorMessage).join("; "));
    this.why = decodeURIComponent(headers.get("Mock-Ajera-Why") ?? "");
  }
}

/** Returns the Content of the response. A refusal also has HTTP status 200, so check Errors. */
async function post(body) {
  const headers = { "Content-Type": "application/json" };
  const response = await fetch(AJERA_API_URL, { method: "POST", headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(`HTTP status ${response.status}`);
  const { Errors, Content } = await response.json();
  if (Errors.length > 0) throw new Refused(Errors, response.headers);
  return Content;
}

/** Runs `work` in a session and passes it a function that calls an Ajera method by name. */
async function inSession(work) {
  const { SessionToken } = await post({
    Method: "CreateAPISession",
    Username: AJERA_API_USERNAME,
    Password: AJERA_API_PASSWORD,
    APIVersion: 1,
    UseSessionCookie: false,
  });
  try {
    return await work((Method, MethodArguments) => post({ Method, SessionToken, MethodArguments }));
  } finally {
    await post({ Method: "EndAPISession", SessionToken });
  }
}

/** Returns the keys of the active projects by description. */
async function activeProjects(call) {
  const { Projects } = await call("ListProjects", { FilterByStatus: ["Active"] });
  return new Map(Projects.map((project) => [project.Description, project.ProjectKey]));
}

async function readClient(call, name) {
  const { Clients: found } = await call("ListClients", { FilterByNameEquals: name });
  const { Clients } = await call("GetClients", { RequestedClients: [found[0].ClientKey] });
  return Clients[0];
}

/** Writes a client. Ajera needs the new record and the one that was read, so that it can detect a conflict. */
async function writeClient(call, read, changes) {
  const { Clients } = await call("UpdateClients", {
    UpdatedClients: [{ ...read, ...changes }],
    UnchangedClients: [read],
  });
  return Clients[0];
}

// The tests. The server keeps what they write, so each run writes something new.

const now = new Date().toISOString();

test("an active project is found and read", () =>
  inSession(async (call) => {
    const key = (await activeProjects(call)).get("Saltmeadow Wharf Offices");
    const { Projects } = await call("GetProjects", { RequestedProjects: [key] });
    assert.equal(Projects[0].ID, "2024-017");
  }));

test("a client is changed", () =>
  inSession(async (call) => {
    const read = await readClient(call, "Village of Marrow Creek");
    const written = await writeClient(call, read, { Notes: `Synced ${now}` });
    assert.notEqual(written.LastModifiedDate, read.LastModifiedDate);
    assert.equal((await readClient(call, "Village of Marrow Creek")).Notes, `Synced ${now}`);
  }));

test("a stale update is refused", () =>
  inSession(async (call) => {
    const read = await readClient(call, "Village of Marrow Creek");
    await writeClient(call, read, { Notes: `Somebody else wrote first ${now}` });
    await assert.rejects(writeClient(call, read, { Notes: "Too late" }), (error) => {
      assert.ok(error instanceof Refused);
      assert.match(error.why, /^UpdatedClients\[0\]\.LastModifiedDate: the record was changed after it was read/);
      return true;
    });
  }));

test("the program logs out", async () => {
  const callAfterLogout = await inSession(async (call) => call);
  await assert.rejects(activeProjects(callAfterLogout), /Invalid Session/);
});
