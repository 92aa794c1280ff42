"""The rush at the closing instant, played by people who do not exist, over real HTTP: who was let in, who was not."""
