"""The papers' tables: both networks, their ablations and other people's designs at one equal, small budget."""
