"""The general ledger in double entry: which accounts work on projects and journal entries move, and their balances."""
