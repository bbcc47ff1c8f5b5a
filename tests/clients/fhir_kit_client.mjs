// What fhir-kit-client asks of the service, as tests of Node's own runner; test_fhir_kit_client.py runs them:
// node --test-reporter=junit fhir_kit_client.mjs http://127.0.0.1:8000/fhir
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { CapabilityTool, Client } from "fhir-kit-client";

const baseUrl = process.argv[2];
const client = new Client({ baseUrl });
const type = { resourceType: "Observation" };

const coding = (code, system = "http://loinc.org") => ({ coding: [{ system, code }] });
const pressure = (code, value) => ({
  code: coding(code),
  valueQuantity: { value, unit: "mm[Hg]", system: "http://unitsofmeasure.org", code: "mm[Hg]" },
});
const reading = (patient, systolic = 120, more = {}) => ({
  ...type,
  status: "final",
  category: [coding("vital-signs", "http://terminology.hl7.org/CodeSystem/observation-category")],
  code: coding("85354-9"),
  subject: { reference: `Patient/${patient}` },
  effectiveDateTime: new Date().toISOString(),
  component: [pressure("8480-6", systolic), pressure("8462-4", 80)],
  ...more,
});
const bundle = (type, ...entry) => ({ resourceType: "Bundle", type, entry });
const post = (resource, more = {}) => ({ resource, request: { method: "POST", url: resource.resourceType, ...more } });
const create = (patient, systolic) => client.create({ ...type, body: reading(patient, systolic) });
const ids = (found) => (found.entry ?? []).map((entry) => entry.resource.id);
const status = (answer) => Client.httpFor(answer).response.status;
const refused = (asked, expected) =>
  assert.rejects(asked, ({ response }) => {
    assert.equal(response.status, expected);
    if (expected >= 400) assert.equal(response.data.resourceType, "OperationOutcome");
    return true;
  });

test("it reads the capabilities", async () => {
  const tool = new CapabilityTool(await client.capabilityStatement());
  assert.ok(tool.serverCan("transaction"));
  assert.ok(tool.resourceCan("Observation", "patch"));
  assert.ok(tool.resourceSearch("Observation", "combo-code-value-quantity"));
});

test("it finds no login to go to", async () => {
  assert.deepEqual(await client.smartAuthMetadata(), {});
});

test("it creates, reads, updates, patches and deletes", async () => {
  const made = await create(randomUUID());
  const here = { ...type, id: made.id };
  assert.equal(status(made), 201);
  assert.equal((await client.read(here)).meta.versionId, "1");
  assert.equal((await client.update({ ...here, body: { ...made, status: "amended" } })).meta.versionId, "2");
  const jsonPatch = [{ op: "replace", path: "/status", value: "corrected" }];
  assert.equal((await client.patch({ ...here, jsonPatch })).status, "corrected");
  assert.equal((await client.vread({ ...here, version: "2" })).status, "amended");
  assert.equal(status(await client.delete(here)), 204);
  await refused(client.read(here), 410);
  await refused(client.read({ ...type, id: "never" }), 404);
});

test("its conditional headers are kept to", async () => {
  const made = await create(randomUUID());
  const here = { ...type, id: made.id };
  const asking = (headers) => ({ options: { headers } });
  await refused(client.read({ ...here, ...asking({ "If-None-Match": 'W/"1"' }) }), 304);
  const body = { ...made, status: "amended" };
  await refused(client.update({ ...here, body, ...asking({ "If-Match": 'W/"7"' }) }), 412);
  assert.equal(status(await client.update({ ...here, body, ...asking({ "If-Match": 'W/"1"' }) })), 200);
  const again = await client.create({ ...type, body, ...asking({ "If-None-Exist": `_id=${made.id}` }) });
  assert.deepEqual([status(again), again.id], [200, made.id]);
});

test("it updates by criteria", async () => {
  const value = randomUUID();
  const body = { resourceType: "Patient", identifier: [{ system: "urn:hospital", value }] };
  const asked = { resourceType: "Patient", searchParams: { identifier: `urn:hospital|${value}` } };
  const made = await client.update({ ...asked, body });
  const changed = await client.update({ ...asked, body: { ...body, active: true } });
  assert.deepEqual([status(made), status(changed), changed.id], [201, 200, made.id]);
});

test("it searches in every way, page by page", async () => {
  const patient = randomUUID();
  const kept = [];
  while (kept.length < 5) kept.push((await create(patient)).id);
  const searchParams = { patient, _count: 2 };
  const found = [];
  for (let page = await client.search({ ...type, searchParams }); page; page = await client.nextPage({ bundle: page }))
    found.push(...ids(page));
  assert.deepEqual(found, kept);
  const compartment = { resourceType: "Patient", id: patient };
  for (const options of [{}, { postSearch: true }]) {
    assert.deepEqual(ids(await client.search({ ...type, searchParams, options })), kept.slice(0, 2));
    const oneOfMany = { _id: kept[3], _type: "Observation,Patient" };
    assert.deepEqual(ids(await client.search({ searchParams: oneOfMany, options })), [kept[3]]);
    const narrowed = { status: ["final", "final,amended"], _count: 3 };
    const asked = { ...type, compartment, searchParams: narrowed, options };
    assert.deepEqual(ids(await client.search(asked)), kept.slice(0, 3));
  }
  await refused(client.search({ ...type, searchParams: { nonsense: 1 } }), 400);
});

test("it goes on from the last page, as a poller", async () => {
  const patient = randomUUID();
  const page = await client.search({ ...type, searchParams: { patient, category: "alert" } });
  await create(patient, 84);
  const { url } = page.link.find(({ relation }) => relation === "monitor");
  const [{ resource }] = (await client.request(url)).entry;
  assert.deepEqual([ids(page), resource.code.coding[0].code], [[], "hypotension"]);
});

test("it resolves references", async () => {
  const patient = randomUUID();
  await client.update({ resourceType: "Patient", id: patient, body: { resourceType: "Patient", id: patient } });
  const { id } = await create(patient, 84);
  const searchParams = { patient, category: "alert", _include: ["Observation:subject", "Observation:derived-from"] };
  const context = await client.search({ ...type, searchParams });
  const [alert] = context.entry.map((entry) => entry.resource);
  assert.equal(context.entry.length, 3);
  for (const reference of [alert.derivedFrom[0].reference, `${baseUrl}/Observation/${id}`])
    assert.equal((await client.resolve({ reference })).id, id);
  assert.equal((await client.resolve({ reference: alert.subject.reference, context })).resourceType, "Patient");
});

test("it sends batches and transactions", async () => {
  const fullUrl = `urn:uuid:${randomUUID()}`;
  const person = { ...post({ resourceType: "Patient" }), fullUrl };
  const low = post({ ...reading("", 84), subject: { reference: fullUrl } });
  const made = await client.transaction({ body: bundle("transaction", person, low) });
  assert.deepEqual(made.entry.map((entry) => entry.response.status), ["201 Created", "201 Created"]);
  assert.equal(made.entry[1].response.outcome.issue[0].code, "business-rule");
  const wrong = post({ resourceType: "Patient", gender: "x" });
  await refused(client.transaction({ body: bundle("transaction", person, wrong) }), 422);
  const answers = await client.batch({ body: bundle("batch", wrong, { request: { method: "GET", url: "Patient" } }) });
  assert.deepEqual(answers.entry.map((entry) => entry.response.status.slice(0, 3)), ["422", "200"]);
});

test("it reads histories", async () => {
  const { id } = await create(randomUUID());
  await client.delete({ ...type, id });
  const methods = (found) => found.entry.map((entry) => entry.request.method);
  assert.deepEqual(methods(await client.history({ ...type, id })), ["DELETE", "POST"]);
  assert.deepEqual(methods(await client.history(type)).slice(0, 2), ["DELETE", "POST"]);
  const everything = await client.history();
  assert.deepEqual(methods(everything).slice(0, 2), ["DELETE", "POST"]);
});

test("it asks operations, by POST unless told otherwise", async () => {
  const patient = randomUUID();
  const submitted = await client.operation({ name: "submit", ...type, input: reading(patient, 84) });
  const [kept, alert] = ids(submitted);
  const judged = await client.operation({ name: "evaluate", input: bundle("collection", submitted.entry[0]) });
  assert.equal(judged.entry[0].resource.code.coding[0].code, "hypotension");
  const outcome = await client.operation({ name: "$validate", ...type, input: reading(patient) });
  assert.equal(outcome.issue[0].severity, "information");
  const parameter = [{ name: "patient", valueString: patient }];
  const newest = { name: "lastn", ...type };
  for (const how of [{ method: "GET", input: { patient } }, { input: { resourceType: "Parameters", parameter } }])
    assert.deepEqual(ids(await client.operation({ ...newest, ...how })).sort(), [kept, alert].sort());
  for (const method of ["GET", "POST"]) {
    const record = await client.operation({ name: "everything", resourceType: "Patient", id: patient, method });
    assert.deepEqual(ids(record), [kept, alert, alert]); // the Task of an alert has its id
    const meta = await client.operation({ name: "meta", ...type, id: kept, method });
    assert.equal(meta.parameter[0].valueMeta.versionId, "1");
  }
});
