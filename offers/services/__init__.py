"""Operations on offers: create, import, publish, correct, extend, cancel, and copy for the next edition."""
