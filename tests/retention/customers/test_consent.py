"""Words for yes and no, in the languages of the other tables of words."""

import pyarrow as pa
import pytest

from retention.customers.consent import NO, UNKNOWN, YES, answers
from tools.word_tables import FLAGS, LANGUAGES


def test_each_language_of_the_tables_has_words_and_no_word_means_both() -> None:
    assert {language[:2] for language in LANGUAGES} <= FLAGS.keys()
    for yes, no in FLAGS.values():
        assert set(answers(pa.array(yes.split())).tolist()) == {YES}
        assert set(answers(pa.array(no.split())).tolist()) == {NO}


@pytest.mark.parametrize(
    ("yes", "no"),
    [
        ("WAHR", "FALSCH"),
        ("Ja", "Nein"),
        ("OUI", "non"),
        ("Vrai", "FAUX"),
        ("Sí", "NO"),
        ("VERDADERO", "falso"),
        ("Sim", "NÃO"),
        ("ДА", "Нет"),
        ("ИСТИНА", "ЛОЖЬ"),
        ("はい", "いいえ"),
        ("동의 함", "동의 안 함"),
        ("是", "否"),
        ("EVET", "HAYIR"),
        ("DOĞRU", "YANLIŞ"),
        ("WAAR", "ONWAAR"),
        ("PRAWDA", "FAŁSZ"),
        ("Ja", "Nej"),
        ("1.0", "0.0"),
    ],
)
def test_flags_are_read_as_people_and_spreadsheets_write_them(yes: str, no: str) -> None:
    assert answers(pa.array([yes, no, "perhaps"])).tolist() == [YES, NO, UNKNOWN]
