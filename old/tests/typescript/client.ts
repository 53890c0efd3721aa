// A client of the service as somebody would write it, with the types that openapi-typescript makes of openapi.json.
// tests/clients/test_generated.py compiles it strictly, and runs it: node build/client.js http://localhost:8000

import assert from "node:assert/strict";

import createClient from "openapi-fetch";

import type { components, paths } from "./schema.js";

type Figure = components["schemas"]["Figure"];

const [baseUrl] = process.argv.slice(2);
assert(baseUrl);
const client = createClient<paths, "application/json" | "application/problem+json">({ baseUrl });

async function listFigures(): Promise<Figure[]> {
  const { data, error } = await client.GET("/v1/observations", { params: { query: { limit: 3 } } });
  assert(data, error?.detail);
  assert.equal(data.data.length, 3);
  assert.equal(data.meta.returned, 3);
  assert(data.links.next?.includes("cursor="));
  return data.data;
}

async function lookUpANumber(): Promise<void> {
  const query = { value: [1071, 1131], statistic: ["count" as const] };
  const { data } = await client.GET("/v1/observations", { params: { query } });
  assert.deepEqual(new Set(data?.data.map((figure) => figure.value)), new Set([1071, 1131]));
}

async function readYears(): Promise<void> {
  const { data } = await client.GET("/v1/{dataset}/by-year", {
    params: { path: { dataset: "allegations" }, query: { category: ["sexual_assault"] } },
  });
  const row = data?.data[0];
  assert(row && "values" in row); // shape=long has other rows
  assert.equal(row.values?.["2022"], 169);
  assert.equal(row.values?.["2020"], null);
  assert.equal(row.gaps?.["2020"], "not_stated");
}

async function readOne(): Promise<void> {
  const { data } = await client.GET("/v1/observations/{observation_id}", {
    params: { path: { observation_id: "k7m3q" }, query: { release: "1.1.0" } },
  });
  assert(data);
  // @ts-expect-error null is not a number: the types say so
  const value: number = data.data.value;
  assert.equal(value, 1492);
  const { locator } = data.data;
  assert.equal(locator?.type === "TextPositionSelector" ? locator.end - locator.start : null, "1,492".length);
}

async function compareTwo(): Promise<void> {
  const { data } = await client.GET("/v1/compare", { params: { query: { id: ["k7m3q", "gb7nr"] } } });
  assert(data);
  const verdict: string = data.data.verdict;
  assert.equal(verdict, "different");
}

async function readRecords(): Promise<void> {
  const sources = await client.GET("/v1/sources");
  const published: (string | null)[] | undefined = sources.data?.data.map((source) => source.published);
  assert(published?.includes(null));
  const checks = await client.GET("/v1/checks");
  assert(checks.data?.data.some((check) => check.outcome?.result === "undecidable"));
}

async function makeMistakes(): Promise<void> {
  const { data, error, response } = await client.GET("/v1/observations", {
    params: { query: { category: ["sexual_asault"] } },
  });
  assert.equal(data, undefined);
  assert.equal(response.status, 422);
  assert.equal(error?.code, "invalid_request");
  assert.equal(error.errors[0]?.did_you_mean, "sexual_assault");
}

const figures = await listFigures();
for (const part of [lookUpANumber, readYears, readOne, compareTwo, readRecords, makeMistakes]) {
  await part();
}
console.log(`${figures.length} figures listed, and all the rest`);
