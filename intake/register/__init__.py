"""The once-only register: who took part in a programme, without saying who."""
