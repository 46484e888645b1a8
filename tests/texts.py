"""Texts in several languages and scripts, made from lists of words."""

import random

# lists of words that the sentences are drawn from
GREEK = "η Αλίκη ο λαγός και το βιβλίο δεν είχε εικόνες ούτε συνομιλίες μέσα στον κήπο"
RUSSIAN = (
    "Алиса кролик и книга не было картинок ни разговоров внутри сада очень старый дом шляпа чай"
)
ARABIC = "أليس الأرنب كتاب لا صور ولا حديث داخل الحديقة قديم جدا بيت قبعة شاي الملكة قطة"
CHINESE = "爱丽丝 兔子 书 没有 图画 对话 在 花园 里 很 老 房子 帽子 茶 王后 猫"
THAI = "อลิซ กระต่าย หนังสือ ไม่มี ภาพ สนทนา ใน สวน เก่า มาก บ้าน หมวก ชา ราชินี แมว"
EMOJI = "😀 😂 😍 😎 😭 😡 😴 😱 🙀 😻 😇 😈"


def sentences(words: str, between: str = " ", end: str = ".", count: int = 60) -> str:
    """Some lines, each a sentence of 4 to 12 words drawn from the list."""
    draw, choice = random.Random(0), words.split()
    lines = (between.join(draw.choices(choice, k=draw.randint(4, 12))) for _ in range(count))
    return "\n".join(line.capitalize() + end for line in lines)


TEXTS = {
    "greek": sentences(GREEK),
    "russian": sentences(RUSSIAN),
    "arabic": sentences(ARABIC, end="؟"),
    "chinese": sentences(CHINESE, between="", end="。", count=120),
    "thai": sentences(THAI, between="", end=" "),
    "emoji": sentences(EMOJI, end="!", count=160),
}
