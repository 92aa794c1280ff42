"""Pages of the person responsible for personal information: registers of access, incidents, processing, consents."""
