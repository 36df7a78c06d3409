"""The course, recipes and judgement: pure, without Qt, asyncio, processes or network."""
