// A program in TypeScript for the client that strict.sh generates: figures, years, an indicator, an area and a table.
import createClient from "openapi-fetch";
import type { components, paths } from "./register";

const client = createClient<paths>({ baseUrl: process.argv[2] ?? "http://localhost:8000" });

function show(rows: components["schemas"]["TableRow"][]): void {
  for (const row of rows) console.log(row.id, row.area, row.name, row.time, row.shown, row.value);
}

async function main(): Promise<void> {
  const area = ["gb_eaw"];
  const list = await client.GET("/v1/figures", { params: { query: { value: ["1492"], limit: 3 } } });
  if (list.error) throw new Error(list.error.detail);
  show(list.data.data);

  const indicator = await client.GET("/v1/indicators/{id}", { params: { path: { id: "complaints" }, query: { area } } });
  if (indicator.error) throw new Error(indicator.error.detail);
  show(indicator.data.data);

  const force = await client.GET("/v1/areas/{codes}", { params: { path: { codes: "met" } } });
  if (force.error) throw new Error(force.error.detail);
  show(force.data.data);
  console.log(force.data.areas?.[0]?.area);

  const one = await client.GET("/v1/figures/{id}", { params: { path: { id: "k7m3q" } } });
  if (one.error) throw new Error(one.error.detail);
  const figure = one.data.data;
  console.log(figure.shown, figure.evidence.exact, figure.standing.print_instead, figure.citation.title);
  console.log(figure.versions.map((version) => version.releases));

  const path = { topic: "complaints" } as const;
  const years = await client.GET("/v1/{topic}/by-year", { params: { path, query: { area } } });
  if (years.error) throw new Error(years.error.detail);
  for (const row of years.data.data) console.log(row.name, row.year_is, row["2024"]);

  const table = await client.GET("/v1/{topic}.{format}", {
    params: { path: { ...path, format: "csv" }, query: { area } },
    parseAs: "text",
  });
  if (table.error) throw new Error(table.error.detail);
  console.log(table.data.split("\n").length);
}

void main();
