// A program in TypeScript for the client that strict.sh generates: figures, years, standing, and a table.
import createClient from "openapi-fetch";
import type { paths } from "./register";

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "http://localhost:8000" });

async function main(): Promise<void> {
  const path = { dataset: "allegations" };
  const list = await client.GET("/v1/{dataset}", { params: { path, query: { area: ["E23000001"], limit: 3 } } });
  if (list.error) throw new Error(list.error.detail);
  for (const figure of list.data.data) console.log(figure.id, figure.printed, figure.value, figure.area?.label);

  const years = await client.GET("/v1/{dataset}/by-year", { params: { path, query: { area: ["E23000001"], limit: 3 } } });
  if (years.error) throw new Error(years.error.detail);
  for (const row of years.data.data) {
    if ("years" in row) console.log(row.counted, years.data.meta.years.map((year) => row.years[year]?.value ?? null));
  }

  const standing = await client.GET("/v1/standing", { params: { query: { id: ["k7m3q:1492"] } } });
  if (standing.error) throw new Error(standing.error.detail);
  for (const figure of standing.data.data) console.log(figure.id, figure.status.code, figure.print_instead);

  const table = await client.GET("/v1/{dataset}.{format}", {
    params: { path: { ...path, format: "csv" }, query: { limit: 1, columns: ["id", "value"] } },
    parseAs: "text",
  });
  if (table.error) throw new Error(table.error.detail);
  console.log(table.data.split("\n").length);
}

void main();
