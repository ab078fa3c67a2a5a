/** A text as a literal of ClickHouse's SQL, where a parameter cannot stand: https://clickhouse.com/docs/sql-reference/syntax#string */
export const quoted = (text: string): string => `'${text.replaceAll(/['\\]/g, String.raw`\$&`)}'`
