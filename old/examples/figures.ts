// Sexual assaults by year, with only fetch: the figures, and why the other years are empty.
// Types for every answer: npx openapi-typescript http://localhost:8000/openapi.json --output schema.ts

const register = "http://localhost:8000";

interface Series {
  values: Record<string, number | null>;
  gaps: Record<string, string>;
}

const answer = await fetch(`${register}/v1/allegations/by-year?release=1.1.0&category=sexual_assault`);
if (!answer.ok) {
  const problem: { detail: string } = await answer.json();
  throw new Error(problem.detail);
}
const { data }: { data: Series[] } = await answer.json();
for (const series of data) {
  for (const [year, value] of Object.entries(series.values)) {
    console.log(year, value ?? series.gaps[year]);
  }
}
