"""The KPI language: text > tokens > syntax tree > typed tree. The grammar is in docs/reference/kpi-language.md."""
