"""Uruguay: comprobantes fiscales electrónicos (CFE) of DGI. Formato CFE v25.2, schema 1.44.2."""
