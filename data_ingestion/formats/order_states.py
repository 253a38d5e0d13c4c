"""What became of an order, by the word that a shop's system has for its state.

That an order was a sale is taken from whole states only. That it was none may also be put together from a few
words ("cancelled by customer"). Whatever is left is not known, and never taken for a sale.
"""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_ingestion.formats.words import coded, parts_of, shown_words, squeezed
from retention.errors import ContractError, Remedy, Setting
from retention.wording import counted

PURCHASE, CANCELLED, REFUNDED, UNFINISHED = STATES = ("purchase", "cancelled", "refunded", "unfinished")
"""What a state can mean, as mappings say it."""
SILENT, UNKNOWN = "", "?"
"""No state is given; a word that nobody here knows."""

_WHOLE = {
    PURCHASE: (
        "paid,fully paid,partially paid,complete,completed,processing,processed,confirmed,accepted,authorized,"
        "authorised,captured,settled,succeeded,success,successful,received,approved,placed,order placed,sold,"
        "sale,invoiced,shipped,partially shipped,shipping,dispatched,despatched,sent,in transit,out for delivery,"
        "delivered,delivering,fulfilled,partially fulfilled,partial,unfulfilled,unshipped,awaiting fulfillment,"
        "awaiting fulfilment,awaiting shipment,awaiting pickup,ready for pickup,ready for shipment,ready to ship,"
        "packed,packing,preparing,in preparation,processing in progress,preparation in progress,picked up,"
        "collected,partially refunded,partial refund,remote payment accepted,bezahlt,teilweise bezahlt,"
        "zahlung eingegangen,in bearbeitung,abgeschlossen,bestatigt,versandt,versendet,verschickt,geliefert,"
        "zugestellt,erledigt,paye,payee,paiement accepte,paiement a distance accepte,en cours de preparation,"
        "en preparation,preparation en cours,expedie,expediee,livre,livree,termine,terminee,"
        "en cours de traitement,en cours de livraison,pagado,pagada,pago aceptado,pago recibido,en proceso,"
        "procesando,preparacion en curso,enviado,enviada,entregado,entregada,completado,completada,confirmado,"
        "confirmada,pagato,pagata,pagamento accettato,pagamento ricevuto,in lavorazione,in corso di preparazione,"
        "spedito,spedita,consegnato,consegnata,completato,completata,confermato,confermata,betaald,"
        "betaling aanvaard,betaling ontvangen,in behandeling,wordt voorbereid,verzonden,bezorgd,afgeleverd,"
        "voltooid,afgerond,pago,pagamento aprovado,pagamento aceito,processando,concluido,concluida,entregue,"
        "oplacone,zrealizowane,wyslane,zakonczone,dostarczone,platnosc zaakceptowana,ausgeliefert,zahlung erhalten,"
        "geleverd,betald,skickad,levererad,slutford,odendi,kargolandi,kargoya verildi,teslim edildi,tamamlandi,"
        "оплачен,оплачено,выполнен,выполнено,доставлен,доставлено,отправлен,отправлено,завершен,завершено,"
        "支払い済み,支払済み,発送済み,出荷済み,配達済み,完了,"
        "已付款,已支付,已发货,已完成,交易成功,결제완료,배송중,배송완료,구매확정"
    ),
    CANCELLED: (
        "cancel,已取消,キャンセル,キャンセル済み,취소,취소됨,취소완료,交易关闭,avbruten,отменен,отменено,iptal,"
        "iptal edildi"
    ),
    REFUNDED: (
        "charged back,charge back,sent back,cancelled and refunded,canceled and refunded,cancelled refunded,"
        "已退款,返金済み,환불,환불완료,aterbetald,возвращен,возврат,iade edildi,iade"
    ),
    UNFINISHED: (
        "draft,auto draft,checkout draft,trash,cart,in cart,on hold,holded,pending payment,payment pending,"
        "payment due,not paid,awaiting payment,awaiting check payment,awaiting cheque payment,"
        "awaiting bank wire payment,awaiting bank wire,awaiting cod validation,waiting for payment,"
        "waiting payment,payment required,action required,requires payment method,requires action,"
        "requires confirmation,requires capture,payment action required,wc pending,offen zahlung,"
        "zahlung ausstehend,warten auf zahlung,wartet auf zahlung,warte auf zahlungseingang,in der warteschleife,"
        "en attente de paiement,en attente du paiement,en attente du paiement par cheque,"
        "en attente de virement bancaire,attente paiement,pendiente de pago,en espera de pago,"
        "en espera de pago por cheque,pago pendiente,in attesa di pagamento,in attesa del pagamento,"
        "in attesa di pagamento con assegno,pagamento in sospeso,wacht op betaling,in afwachting van betaling,"
        "aguardando pagamento,pagamento pendente,oczekuje na platnosc,oczekujace na platnosc,未付款,待付款,"
        "支払い待ち,결제대기,입금대기,awaiting paypal payment,in wartestellung,nicht bezahlt,wachten op betaling,"
        "niet betaald,non paye,no pagado,non pagato,ожидает оплаты,не оплачен,vantar pa betalning,ej betald,"
        "odeme bekleniyor"
    ),
}
_KNOWN = {squeezed(state): meaning for meaning, states in _WHOLE.items() for state in states.split(",")}

_PARTS = {
    CANCELLED: (r"cancel\w*|void(ed)?|storn\w*|annul\w*|anul\w*|geannuleerd|abgebrochen|widerrufen|aborted|withdrawn"),
    REFUNDED: (
        r"refund(ed)?|reimbursed|returned|chargeback|chargebacked|reversed|(zu)?(ruck)?erstattet|retourniert|remboursee?"
        r"|retournee?|reembolsad[oa]|devuelt[oa]|devolvid[oa]|rimborsat[oa]|restituit[oa]|terugbetaald|geretourneerd"
        r"|zwrocone|zwrot"
    ),
    UNFINISHED: (
        r"fail(ed|ure)?|declined|denied|rejected|refused|abandoned|expired|error|incomplete|unpaid|unsuccessful|blocked"
        r"|fehlgeschlagen|abgelehnt|abgelaufen|entwurf|fehler|unbezahlt|echouee?|echec|refusee?|rejetee?|expiree?"
        r"|brouillon|erreur|abandonnee?|impayee?|fallid[oa]|rechazad[oa]|caducad[oa]|expirad[oa]|borrador|abandonad[oa]"
        r"|fallit[oa]|rifiutat[oa]|scadut[oa]|bozza|abbandonat[oa]|errore|mislukt|geweigerd|verlopen|concept|betaalfout"
        r"|fout|falhou|falhad[oa]|recusad[oa]|nieudane|odrzucone"
    ),
}
_BESIDE = (
    "by the a an to of customer client buyer user seller merchant vendor shop store admin administrator "
    "system automatically auto fully full totally order payment transaction state status paypal stripe klarna "
    "card par le la l du de cliente vendeur boutique totalement commande paiement bestellung zahlung vom von "
    "durch den dem kunde kunden verkaufer handler vollstandig pedido pago por el los tienda vendedor "
    "totalmente pagamento ordine dal dalla da di negozio bestelling betaling door klant winkel volledig"
)
_NEUTRAL = frozenset(_BESIDE.split())
"""Words beside a state that don't change it."""


def state_of(word: str) -> str:
    """Return what a word for an order's state means: one of `STATES`, `SILENT` or `UNKNOWN`.

    >>> [state_of(each) for each in ("wc-cancelled", "Annulé", "Payment failed", "Expédié", "Backordered", " ")]
    ['cancelled', 'cancelled', 'unfinished', 'purchase', '?', '']
    """
    if not word.strip():
        return SILENT
    parts = parts_of(word)
    if parts[:1] == ["wc"] and parts[1:] not in (["pending"], ["wc"]):
        parts = parts[1:]
    bare = [part for part in parts if part not in _NEUTRAL]
    for chosen in (parts, bare):
        if meaning := _KNOWN.get("".join(chosen)):
            return meaning
    said = set(map(_part, bare))
    # A part that nobody knows, such as "not" or "requested", may turn the meaning round; so may a second one.
    return said.pop() if len(said) == 1 else UNKNOWN


def _part(part: str) -> str:
    return next((meaning for meaning, pattern in _PARTS.items() if re.fullmatch(pattern, part)), UNKNOWN)


def order_states(cells: "pd.Series[Any]", words: Mapping[str, str], name: str) -> NDArray[np.str_]:
    """Return what each order's state means, `SILENT` where it has none, shape (n,).

    Args:
        cells: The states, in the source's words.
        words: Word -> one of `STATES`; goes before what is known here.
        name: The file, for errors.

    Raises:
        ContractError: A word is not known; names it, and what a mapping would say.
    """
    meanings, counts = coded(cells, words, state_of)
    unknown = {word: count for word, count in counts.items() if meanings[word] == UNKNOWN}
    if unknown:
        raise _unknown(unknown, name)
    text = cells.fillna("").astype(str)
    return np.asarray(text.map(meanings).to_numpy(), dtype=np.str_)


def _unknown(counts: Mapping[str, int], name: str) -> ContractError:
    orders = sum(counts.values())
    words, told = shown_words(counts), counted(len(counts), "word", "is", "are")
    return ContractError(
        f"{told} not known as the state of an order, in {counted(orders, 'row')}: {', '.join(words)}",
        where=name,
        hint=f"Nobody can tell whether these are sales. Say it under words: in the mapping, one line each, such as "
        f"{words[0]}: {CANCELLED} (or {PURCHASE}, {REFUNDED}, {UNFINISHED})",
        remedies=(Remedy(Setting.MAPPING),),
    )
