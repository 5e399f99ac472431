"""Legal limits on deductions from wages, each as it was read in its source on a day. This is no legal advice.

A pack says what a statute says in numbers and conditions; it does not say whether the statute applies to you, what the
courts make of it, or what a collective agreement adds. Each says in its note what it does not cover. Laws change:
compare ``source`` with the law of your day.

Example:
    >>> japan_article_91.per_incident, japan_article_91.per_period
    ((Fraction(1, 2), 'average_daily_wage'), (Fraction(1, 10), 'gross_wages'))
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from perfkit._incentives.limit import Limit

_READ_ON = date(2026, 11, 26)

#: Japan, Labour Standards Act (Act 49 of 1947), article 91, for a sanction by reduction of wages.
japan_article_91 = Limit(
    name="Labour Standards Act art. 91",
    source="Japan, Labour Standards Act (Act No. 49 of 1947), art. 91; japaneselawtranslation.go.jp, law 3567, with "
    "amendments up to Act No. 71 of 2018",
    read_on=_READ_ON,
    per_incident=(Fraction(1, 2), "average_daily_wage"),
    per_period=(Fraction(1, 10), "gross_wages"),
    requires=("in_work_rules",),
    note="The average wage is that of art. 12. What is above a tenth of a period's wages is carried to later "
    "periods, as administrative practice has it. It holds for a bonus too: a tenth of the bonus. Not covered: "
    "whether the sanction is just at all (Labour Contracts Act art. 15), demotion, suspension, and pay not earned "
    "for want of work.",
)

#: United Kingdom, Employment Rights Act 1996, section 13, for no deduction without authority.
uk_section_13 = Limit(
    name="Employment Rights Act 1996 s.13",
    source="United Kingdom, Employment Rights Act 1996, s.13; legislation.gov.uk/ukpga/1996/18/section/13",
    read_on=_READ_ON,
    requires=("authorised",),
    note="Authorised by statute, by a term of the contract that the worker was given or told of in writing, or by "
    "the worker's own earlier written agreement; none of them reaches back to what happened before it. Not covered: "
    "what s.14 excepts, such as overpayments and strikes, the national minimum wage, and Northern Ireland, which has "
    "an order of its own.",
)

#: United Kingdom, Employment Rights Act 1996, sections 17 to 22, for cash and stock shortages in retail.
uk_section_18 = Limit(
    name="Employment Rights Act 1996 s.18",
    source="United Kingdom, Employment Rights Act 1996, s.17 to 22; legislation.gov.uk/ukpga/1996/18/section/18 "
    "(s.21 on payments, s.22 on the final instalment)",
    read_on=_READ_ON,
    per_period=(Fraction(1, 10), "gross_wages"),
    counting=("retail_payments_demanded",),
    within_months=12,
    reasons=("cash shortage", "stock deficiency"),
    requires=("authorised",),
    lifted_by="final_instalment",
    note="The twelve months begin with the day on which the shortage was, or ought to have been, established; the "
    "first deduction of a series must fall into them. Not covered: pay that is set by shortages, which s.19 treats "
    "as a deduction, and the notices in writing that s.20 asks for before payments are demanded.",
)

#: China, Interim Provisions on Payment of Wages (Laobufa 1994 No. 489), article 16, for compensation of a loss.
china_article_16 = Limit(
    name="Interim Provisions on Wage Payment art. 16",
    source="China, Interim Provisions on Payment of Wages (Ministry of Labour, Laobufa [1994] No. 489), art. 16, in "
    "force since 1 January 1995",
    read_on=_READ_ON,
    per_period=(Fraction(1, 5), "gross_wages"),
    leaves="minimum_wage",
    reasons=("economic loss",),
    requires=("agreed_in_contract",),
    note="The minimum wage is the local one of the month. Provinces add to it: Guangdong asks for notice in writing. "
    "Not covered: fines for conduct, for which this article is no basis, and what art. 15 lets be withheld (taxes, "
    "social insurance, maintenance by order of a court).",
)

#: India, Payment of Wages Act 1936, section 8, for fines. Repealed with the Code on Wages.
india_section_8 = Limit(
    name="Payment of Wages Act 1936 s.8",
    source="India, Payment of Wages Act, 1936 (4 of 1936), s.8; lawyersclubindia.com/section/fines-27717.asp",
    read_on=_READ_ON,
    per_period=(Fraction(3, 100), "gross_wages"),
    within_days=60,
    requires=("act_on_approved_notice", "cause_heard"),
    at_least={"age": 15},
    excess="lapse",
    note="For wage periods before 21 November 2025, when the Code on Wages took its place. The text that was read "
    "says 60 days and others give 90; the stricter number keeps both. No instalments. Not covered: wages above the "
    "ceiling of s.1(6), amendments by states, and the register of fines.",
)

#: India, Payment of Wages Act 1936, section 7(3), for all deductions together. Repealed with the Code on Wages.
india_section_7 = Limit(
    name="Payment of Wages Act 1936 s.7(3)",
    source="India, Payment of Wages Act, 1936 (4 of 1936), s.7(3)",
    read_on=_READ_ON,
    per_period=(Fraction(1, 2), "gross_wages"),
    counting=("other_deductions",),
    note="For wage periods before 21 November 2025. What is above may be recovered as rules prescribe. Not covered: "
    "three quarters where a part is for a co-operative society, which kinds of deduction s.7(2) allows, amendments "
    "by states.",
)

#: India, Code on Wages 2019, section 19, for fines. In force since 21 November 2025.
india_section_19 = Limit(
    name="Code on Wages 2019 s.19",
    source="India, Code on Wages, 2019 (29 of 2019), s.19; actsofindia.in/section-details/?sectionid=51631; in force "
    "by S.O. 5322(E) of 21 November 2025",
    read_on=_READ_ON,
    per_period=(Fraction(3, 100), "gross_wages"),
    within_days=90,
    requires=("act_on_approved_notice", "cause_heard"),
    at_least={"age": 15},
    excess="lapse",
    note="A fine counts as imposed on the day of the act. No instalments, so that what is above three per cent "
    "lapses. Not covered: the rules of each state, and the register of fines.",
)

#: India, Code on Wages 2019, section 18(3), for all deductions together. In force since 21 November 2025.
india_section_18 = Limit(
    name="Code on Wages 2019 s.18(3)",
    source="India, Code on Wages, 2019 (29 of 2019), s.18(3); in force by S.O. 5322(E) of 21 November 2025",
    read_on=_READ_ON,
    per_period=(Fraction(1, 2), "gross_wages"),
    counting=("other_deductions",),
    note="What is above may be recovered as rules prescribe. Not covered: which kinds of deduction s.18(2) allows, "
    "s.20 on absence and s.21 on damage, and the rules of each state.",
)

#: United States, 29 CFR 541.602(b)(4), for an exempt salary, penalties for safety rules of major significance.
us_safety_penalty = Limit(
    name="29 CFR 541.602(b)(4)",
    source="United States, 29 CFR 541.602(b)(4), the text of 23 April 2004",
    read_on=_READ_ON,
    reasons=("safety rule of major significance",),
    requires=("imposed_in_good_faith",),
    note="Of any amount. Not covered: employees who are not exempt, whom 29 CFR part 531 keeps at the minimum wage, "
    "and states, which may forbid what the federal rule lets pass.",
)

#: United States, 29 CFR 541.602(b)(5), for an exempt salary, unpaid disciplinary suspensions in full days.
us_suspension = Limit(
    name="29 CFR 541.602(b)(5)",
    source="United States, 29 CFR 541.602(b)(5), the text of 23 April 2004",
    read_on=_READ_ON,
    whole="daily_pay",
    reasons=("workplace conduct",),
    requires=("imposed_in_good_faith", "written_policy"),
    note="One or more full days, under a written policy for all employees; not for the quality or quantity of work. "
    "Not covered: absence, leave and a first or last week, (b)(1) to (3), (6) and (7), and states, which may forbid "
    "what the federal rule lets pass.",
)
