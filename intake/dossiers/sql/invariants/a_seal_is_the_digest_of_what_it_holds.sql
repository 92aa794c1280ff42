-- PostgreSQL's SHA-256 is independent of the code that sealed. An erased payload is not compared.
SELECT digest FROM dossiers_seal
WHERE canonical IS NOT NULL AND digest <> 'sha256:'
    || encode(sha256(decode(salt, 'hex') || convert_to(canonical, 'UTF8')), 'hex')
