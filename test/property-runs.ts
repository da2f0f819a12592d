/** How often a property test draws: a thousand by default, more where the environment asks for proof. */
export const propertyRuns = Number(process.env.PROPERTY_RUNS ?? 1000);
