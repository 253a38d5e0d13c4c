"""The policy in use as SQL: a dialect, a statement, and the files of it."""

import streamlit as st

from analysis.policy_sql import dbt_texts, sql_texts, warehouse_of
from frontend.state import Result
from frontend.utils import messages, pieces
from outputs.archive import packed
from retention.customers.reach import CONSENT
from retention.errors import InputError
from retention.sql.engines import ENGINES, engine_named
from retention.sql.statements import STATEMENTS, Warehouse


def show(result: Result) -> None:
    """Draw the statements where somebody opens them."""
    place = st.expander("As SQL for your warehouse", icon=":material/database:", key="tree-sql", on_change="rerun")
    if not place.open:
        return
    with place:
        run = result.run
        lacking = {"arms": run.experiment is None, "audience": CONSENT not in run.segmentation.customers}
        offered = [name for name in STATEMENTS if not lacking.get(name)]
        with st.grid(3, min_column_width=200):
            dialect = pieces.pick("Dialect", {name: each.title for name, each in ENGINES.items()}, "sql-dialect")
            statement = st.selectbox("Statement", offered, key="sql-name")
            table = st.text_input("Table of customers", "customers", key="sql-table", max_chars=200, required=True)
        try:
            engine = engine_named(dialect)
            warehouse = warehouse_of(run, engine, engine.table(table))
            text = sql_texts(warehouse, [statement])[statement]
        except InputError as error:
            pieces.problem(error)
            return
        st.code(text, language=None, wrap_lines=True)
        with st.container(horizontal=True):
            name = f"{run.policy.name}-{statement}.{dialect}.sql"
            pieces.download("Download the statement", text.encode, name, key="sql-file")
            _model(warehouse)


def _model(warehouse: Warehouse) -> None:
    try:
        files = dbt_texts(warehouse)
    except InputError as error:
        st.caption(f"No model of dbt: {messages.title(error)}")
        return
    pieces.download(
        "Download a dbt model",
        lambda: packed((path, text.encode()) for path, text in files.items()),
        f"{warehouse.tree.policy.name}-dbt.zip",
        key="sql-dbt",
        about="A model of each customer's segment, with its tests.",
    )
