"""Words for yes and no by language: answers, what spreadsheets call truth, switches, and what forms of shops say.

CLDR, from which `tools/word_tables.py` writes the words of dates and money, has none that a library hands out.
"""

FLAGS: dict[str, tuple[str, str]] = {
    "en": ("yes y true t 1 on enabled", "no n false f 0 off disabled"),
    "zh": ("是 是的 对 真 有 同意 接受 已订阅 已訂閱 訂閱 订阅", "否 不是 不 假 无 無 不同意 拒绝 拒絕 未订阅 未訂閱"),
    "ja": (
        "はい 有り あり 同意する 同意します 希望する 希望します 受け取る 受信する 許可 購読中",
        "いいえ 偽 無し なし 同意しない 希望しない 受け取らない 受信しない 拒否 不許可 未購読",
    ),
    "ko": ("예 네 참 동의 동의함 수신 수신동의", "아니요 아니오 거짓 비동의 미동의 동의안함 수신안함 수신거부 거부"),
    "de": ("ja j wahr ein an", "nein falsch aus"),
    "fr": ("oui o vrai activé", "non faux désactivé"),
    "es": ("sí s verdadero cierto activado", "no falso desactivado"),
    "pt": ("sim verdadeiro ativado", "não falso desativado"),
    "ru": ("да д истина вкл включено согласен подписан", "нет н ложь выкл выключено несогласен неподписан отписан"),
    "it": ("sì vero attivato", "no falso disattivato"),
    "nl": ("ja waar aan", "nee onwaar uit"),
    "pl": ("tak prawda", "nie fałsz"),
    "tr": ("evet doğru acik", "hayir yanliş kapali"),
    "sv": ("ja sant på", "nej falskt av"),
    "da": ("ja sand", "nej falsk"),
    "nb": ("ja sann", "nei usann"),
    "fi": ("kyllä tosi", "ei epätosi"),
    "cs": ("ano pravda", "ne nepravda"),
    "sk": ("áno", "nie"),
    "hu": ("igen igaz", "nem hamis"),
    "ro": ("da adevărat", "nu fals"),
    "uk": ("так істина", "ні хибність"),
    "bg": ("да", "не невярно"),
    "el": ("ναι αληθές", "όχι ψευδές"),  # noqa: RUF001
    "vi": ("có", "không"),
    "id": ("ya benar", "tidak salah"),
    "he": ("כן", "לא"),
    "ar": ("نعم", "لا"),
}
"""Language -> words for yes, and for no; case, accents, blanks and hyphens do not matter."""
