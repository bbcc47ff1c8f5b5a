"""Where the numbers come from: short citations, named by the limits and printed in every alert.

The address is where the number was read; none where it was quoted by somebody else or is our own choice.
"""

SOURCES: dict[str, tuple[str, str]] = {
    "S1": ("lofexidine phase 3 trial, table 2", "https://pmc.ncbi.nlm.nih.gov/articles/PMC6541556/table/T2"),
    "S2": ("ETSU inpatient opioid withdrawal protocol", "https://etsuim.com/psychiatry/opioid-withdrawal"),
    "S3": ("opioid withdrawal hand-out citing VA IB 10-939", "https://docslib.org/doc/3981152"),
    "S4": ("NIDA CTN-0002", "https://clinicaltrials.gov/study/NCT00032968"),
    "S5": (
        "clonidine tablet label",
        "https://dailymed.nlm.nih.gov/dailymed/drugInfo.cfm?setid=aecd05bf-e7ba-4cab-9494-4ce3bbd1aa99",
    ),
    "S6": ("CMAJ, table 1 footnote", "https://www.cmaj.ca"),
    "S7": ("ASAM dosing as quoted second-hand", ""),
    "S8": (
        "Catapres product information (HPRA 2023, MHRA 2018)",
        "https://rxreasoner.com/monographs/catapres/precautions",
    ),
    "S9": ("Catapresan leaflet (DE)", "https://medikamio.com"),
    "S11": ("Lilja, Acta Med Scand 1982;211:375-380", ""),
    "S12": ("Family Practice Notebook, clonidine withdrawal", "https://fpnotebook.com"),
    "S13": ("Lucemyra label", "https://themeditary.com/lofexidine-side-effects-6246"),
    "S14": ("NHS Borders lofexidine procedure", "https://info.5y1.org"),
    "S15": (
        "SPRINT orthostatic definition; ESC 2024 as quoted second-hand",
        "https://www.reliasmedia.com/articles/139902",
    ),
    "S16": ("OHSU hypertension rules", "https://github.com/OHSUCMP/htnu18ig"),
    "S17": ("RCP NEWS2 2017, as tabled in clinosim 0.6.5", ""),
    "S17b": ("clinosim 0.6.5, critical range of blood pressure", ""),
    "S18": ("MIMIC code, vital signs", "https://github.com/MIT-LCP/mimic-code"),
    "S19": ("Clinical Opiate Withdrawal Scale, VistA specification", "https://vivian.worldvista.org"),
    "S19b": ("Deschutes County SO-558", ""),
    "S20": ("clonidine interactions, RiteMED monograph and druglib.com", "https://www.druglib.com"),
    "S22": ("Marhefka, Consultant 2016", ""),
    "S24": ("anesthesiageneral.com, clonidine, read second-hand", ""),
    "S25": ("Henry Ford Hosp Med J 30(3)", ""),
    "S26": ("WHO closed settings 2009", "https://www.ncbi.nlm.nih.gov/books/NBK310652/"),
    "S27": ("clonidine caveats, lay page citing APA", "https://substance-information-network.org"),
    "S28": ("JAMA 1976, letter", ""),
    "recalled": ("recalled from clinical practice, not verified", ""),
    "E": ("engineering choice of this project", ""),
}

MARKS: dict[str, str] = {
    "F": "read in the source named",
    "F2": "read second-hand",
    "R": "recalled, unverified",
    "E": "a choice of ours",
}
"""How a number is known."""


def cite(*names: str) -> str:
    """`ETSU inpatient protocol (S2); ...`"""
    return "; ".join(f"{SOURCES[name][0]} ({name})" for name in names)
