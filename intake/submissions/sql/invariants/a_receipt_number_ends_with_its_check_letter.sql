-- The arithmetic of `intake/dossiers/receipt_number.py` in SQL: modulus 23 (prime), weights are the powers of 5,
-- with period 22.
SELECT number FROM (
    SELECT r.number, sum(
        CASE
            WHEN letter = '-' THEN 22
            WHEN letter BETWEEN '0' AND '9' THEN ascii(letter) - 48
            ELSE 10 + (ascii(letter) - 65) % 12
        END * ('{1,5,2,10,4,20,8,17,16,11,9,22,18,21,13,19,3,15,6,7,12,14}'::int[])[
            1 + (length(r.number) - 1 - place) % 22
        ]
    ) % 23 AS remainder
    FROM submissions_receipt r
        CROSS JOIN LATERAL string_to_table(left(r.number, -2), NULL)
            WITH ORDINALITY AS body (letter, place)
    GROUP BY r.id, r.number
) computed
WHERE right(number, 1) <> substr('ABCDEFGHJKLMNPRSTUVWXYZ', (1 + (23 - remainder) % 23)::int, 1)
