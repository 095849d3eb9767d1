"""The page Monitoring in French."""

from __future__ import annotations

from typing import Final

MONITORING: Final[dict[str, str]] = {
    "page_monitoring": "Suivi",
    "monitoring_intro": "Ce qui se décide en ce moment, en combien de temps, si les demandeurs ressemblent encore à "
    "ceux de l'apprentissage, et ce qui ne va pas.",
    # Actualisation
    "refresh_every": "Actualiser toutes les",
    "refresh_never": "seulement à la demande",
    "refresh_seconds": "{count} {count:seconde|secondes}",
    "refresh_minutes": "{count} minutes",
    "refresh_minute": "minutes",
    "refresh_now": "Actualiser maintenant",
    "refreshed": "Actualisé le {moment} ({zone}) ; ensuite toutes les {every}.",
    "refreshed_only": "Actualisé le {moment} ({zone}) ; la page ne s'actualise pas d'elle-même.",
    "window": "Décisions",
    "window_1": "d'aujourd'hui",
    "window_days": "des {count} derniers jours",
    "part_unreadable": "Cette partie ne peut pas être lue : {why}",
    # Chiffres
    "mon_decisions": "Décisions",
    "mon_acceptance": "Taux d'acceptation",
    "mon_acceptance_help": "Part des demandes accordées parmi toutes les décisions, celles à examiner comprises. Des "
    "demandeurs mis de côté, jamais utilisés pour l'apprentissage, le modèle en service accepte {holdout}.",
    "mon_acceptance_help_alone": "Part des demandes accordées parmi toutes les décisions, celles à examiner comprises.",
    "mon_time_p50": "Temps, p50",
    "mon_time_p95": "Temps, p95",
    "mon_latency_help": "De l'en-tête de la requête au moment où la décision est remise au journal, d'après le "
    "journal : la moitié des décisions a pris moins que le premier chiffre, 95 % moins que le second.",
    "mon_errors": "Taux d'erreur",
    "mon_errors_help": "Part des requêtes de décision auxquelles le service a répondu par une erreur de son propre "
    "fait (5xx), depuis le démarrage de son processus.",
    "milliseconds": "{value} ms",
    "mon_simulated": "Les demandes simulées sont comprises. Jours et heures : {zone} ; les chiffres viennent du "
    "journal des décisions.",
    "mon_cut": "Il y a plus de décisions qu'il ne peut en être montré ici : les chiffres commencent le {moment} "
    "({zone}).",
    "mon_reading": "Les décisions plus anciennes sont en cours de lecture : pour l'instant les chiffres commencent le "
    "{moment} ({zone}). Chaque actualisation en apporte.",
    # Pourquoi il n'y a rien
    "none_no_model": "Aucune décision sur ce portefeuille n'a été enregistrée, et il n'a pas de modèle en service. Il "
    "faut d'abord en construire un : `credit-platform run {portfolio}`. Puis `credit-platform up` démarre son service.",
    "none_no_service": "Aucune décision sur ce portefeuille n'a été enregistrée, et aucun service de décision ne "
    "tourne pour lui. Il se démarre par `credit-platform up`, ou `credit-platform serve {portfolio}`. Demandez ensuite "
    "une décision sur la page Demandeur.",
    "none_yet": "Aucune décision sur ce portefeuille n'a encore été enregistrée. Demandez-en une sur la page "
    "Demandeur, ou envoyez des demandeurs inventés : `credit-platform simulate --portfolio {portfolio}`.",
    "none_in_window": "Aucune décision dans cette période. La plus récente est du {moment} ({zone}) : choisissez une "
    "période plus longue.",
    "none_in_window_old": "Aucune décision dans cette période, ni dans une autre qui puisse être choisie. La plus "
    "récente est du {moment} ({zone}).",
    "service_none": "Aucun service de décision ne tourne pour ce portefeuille : il n'y a donc ni taux d'erreur ni "
    "temps du modèle. Il se démarre par `credit-platform up`, ou `credit-platform serve {portfolio}`.",
    "service_none_no_model": "Aucun service de décision ne peut tourner pour ce portefeuille, faute de modèle en "
    "service. Pour en construire un : `credit-platform run {portfolio}`.",
    "service_scope": "Le service tourne, mais la clé de cette console ne peut pas lire ses mesures : il faut une clé "
    "de portée admin (`credit-platform keys create`), dans CREDIT_PLATFORM_CONSOLE_API_KEY.",
    "service_silent": "Les mesures du service ne peuvent pas être lues : il n'y a donc ni taux d'erreur ni temps du "
    "modèle. {why}",
    # Service
    "mon_service": "Service",
    "mon_service_since": "D'après les mesures du service lui-même, depuis le démarrage de son processus le {moment} "
    "({zone}). Un nouveau modèle vient avec un nouveau processus.",
    "mon_service_since_unknown": "D'après les mesures du service lui-même, depuis le démarrage de son processus.",
    "mon_requests": "Requêtes de décision",
    "mon_requests_help": "Requêtes qui décident ou expliquent, traitées depuis le démarrage du processus ; {refused} "
    "d'entre elles ont été rejetées comme incorrectes (4xx).",
    "mon_no_request": "Il n'a encore répondu à aucune requête de décision.",
    "mon_answer_p50": "Réponse, p50",
    "mon_answer_p95": "Réponse, p95",
    "mon_answer_help": "De l'en-tête de la requête à la fin de la réponse, pour les requêtes sur un seul demandeur : "
    "la moitié a pris moins que p50, 95 % moins que p95. Lu dans les classes d'un histogramme, donc approché.",
    "mon_model_p50": "Modèle, p50",
    "mon_model_p95": "Modèle, p95",
    "mon_model_help": "L'inférence seule : un appel du modèle, des valeurs des variables aux scores. Lu dans les "
    "classes d'un histogramme, donc approché.",
    # Incidents
    "mon_incidents": "Alertes en cours",
    "incidents_none": "Rien d'anormal n'est connu.",
    "incidents_never": "Rien d'anormal n'a jamais été noté ici. Chaque exécution note ses échecs, et tant que "
    "`credit-platform up` tourne, son veilleur aussi, qui reçoit également les alertes de Prometheus.",
    "incidents_unreadable": "Les incidents ne peuvent pas être lus : {why}",
    "incidents_caption": "De toute la plateforme, les plus récentes d'abord ; {zone}, dans les termes (anglais) "
    "dans lesquels elles sont annoncées.",
    "incident_since": "depuis le {moment} (vu {times} fois)",
    "column_severity": "Gravité",
    "severity_error": "Erreur",
    "severity_warning": "Avertissement",
    "column_title": "Objet",
    "column_message": "Détails",
    "column_opened": "Depuis",
    "column_seen": "Vu pour la dernière fois",
    "column_times": "Nombre de fois",
    "column_owner": "Responsable",
    "column_link": "Où regarder",
    # Au fil du temps
    "mon_over_time": "Décisions au fil du temps",
    "mon_over_time_alt": "Barres : décisions {by}, selon ce qui a été décidé ; {count} en tout.",
    "by_hour": "par heure",
    "by_day": "par jour",
    "mon_rate_over_time": "Taux d'acceptation au fil du temps",
    "mon_rate_alt": "Courbe : part des demandes accordées {by}, de {low} à {high}.",
    "mon_rate_holdout": "mis de côté",
    "mon_latency_over_time": "Temps de décision au fil du temps",
    "mon_latency_alt": "Deux courbes : temps de décision {by}, médiane et 95e centile ; ce dernier au plus {high}.",
    "mon_p50": "p50",
    "mon_p95": "p95",
    "mon_milliseconds": "Millisecondes",
    "column_period": "Période",
    "column_decisions": "Décisions",
    "column_accepted": "Accordées",
    "column_refused": "Refusées",
    "column_review": "À examiner",
    "column_acceptance": "Taux d'acceptation",
    "column_p50": "p50 (ms)",
    "column_p95": "p95 (ms)",
    # Scores
    "mon_scores": "Scores en production et des demandeurs mis de côté",
    "mon_scores_caption": "{decisions} {decisions:décision|décisions} du modèle en service ({version}), risque moyen "
    "{production_mean} ; "
    "{holdout} {holdout:demandeur mis|demandeurs mis} de côté, risque moyen {holdout_mean}.",
    "mon_scores_others": "Décisions d'autres modèles, non comprises : {count}.",
    "mon_scores_none": "Le modèle en service ({version}) n'a décidé de personne dans cette période : il n'y a pas de "
    "scores à comparer à ceux des demandeurs mis de côté.",
    "mon_scores_no_model": "Ce portefeuille n'a pas de modèle en service, donc personne à qui comparer : "
    "`credit-platform run {portfolio}`.",
    "mon_scores_no_holdout": "Le modèle en service a été enregistré sans scores de demandeurs mis de côté.",
    "mon_scores_alt": "Distribution du risque : part des décisions et des demandeurs mis de côté dans chaque "
    "vingtième.",
    "in_production": "en production",
    "in_holdout": "mis de côté",
    "share_of_applicants": "Part",
    "column_range": "Risque",
    "column_production": "En production",
    "column_holdout": "Mis de côté",
    # Dérive
    "mon_drift": "Dérive",
    "drift_never_run": "La dérive n'a pas encore été évaluée. Tant que `credit-platform up` tourne, elle l'est chaque "
    "nuit à trois heures ; tout de suite : `credit-platform run {portfolio} --monitoring`.",
    "drift_no_decision": "La dérive s'évalue sur des décisions, et aucune sur ce portefeuille n'a été enregistrée.",
    "drift_nobody": "À la dernière évaluation de la dérive il n'y avait aucune décision. Elle est refaite chaque nuit "
    "tant que `credit-platform up` tourne ; tout de suite : `credit-platform run {portfolio} --monitoring`.",
    "drift_not_counted": "Les décisions qui ont été lues sont celles de modèles dont rien n'a été figé à quoi les "
    "comparer. Pour le modèle en service et ses prochaines décisions, c'est fait par : "
    "`credit-platform run {portfolio} --monitoring`.",
    "drift_of_day": "Journée du {day}, évaluée le {moment} ({zone}), sur les décisions du modèle {model}.",
    "drift_level_stable": "Stable : aucune variable n'a dérivé.",
    "drift_level_watch": "À surveiller : {drifted} {drifted:variable|variables} sur {features} {drifted:a|ont} "
    "dérivé, soit {score} de l'importance "
    "du modèle.",
    "drift_level_retrain": "Un réentraînement est à envisager : {drifted} {drifted:variable|variables} sur {features} "
    "{drifted:a|ont} dérivé, soit "
    "{score} de l'importance du modèle.",
    "drift_level_too few": "Trop peu de décisions pour comparer une variable : {decisions} en 28 jours.",
    "drift_level_nothing": "Aucune variable n'a de valeurs à comparer, sur {decisions} {decisions:décision|décisions} "
    "en 28 jours.",
    "level_stable": "stable",
    "level_watch": "à surveiller",
    "level_retrain": "réentraînement à envisager",
    "level_too few": "trop peu de décisions",
    "drift_incidents": "L'alimentation de variables est rompue ({count}) : {names}. C'est un incident de données, à "
    "réparer avant tout entraînement.",
    "drift_consequence": "Indice de stabilité (PSI) du score : {psi}. Part que la règle du modèle accepte : {before} "
    "des demandeurs auxquels on compare, {now} maintenant.",
    "drift_newer": "Décisions prises depuis, pas encore évaluées : {count}.",
    "drift_over_time_alt": "Courbe : part de l'importance du modèle qui a dérivé, par jour, sur {count} "
    "{count:jour|jours}.",
    "drift_share": "Importance qui a dérivé",
    "drift_limit": "alerte",
    "drift_psi_alt": "Barres : indice de stabilité de {count} {count:variable|variables}, celles qui ont dérivé "
    "({drifted}) et les plus "
    "importantes.",
    "drift_psi": "Indice de stabilité (PSI)",
    "drift_material": "notable",
    "drift_feature": "Variable",
    "drift_feature_choice": "Regarder une variable",
    "drift_feature_alt": "Parts de {feature} dans ses groupes : référence et maintenant.",
    "drift_feature_gone": "Ce à quoi cette variable ressemblait quand le modèle a été fait n'est plus enregistré.",
    "drift_before": "référence",
    "drift_now": "maintenant",
    "drift_missing": "absente",
    "drift_unseen": "jamais apprise",
    "drift_state": "État",
    "drift_state_incident": "alimentation rompue",
    "drift_state_drifted": "a dérivé",
    "drift_state_other": "n'a pas dérivé",
    "verdict_stable": "stable",
    "verdict_moved": "déplacée",
    "verdict_too few": "trop peu",
    "verdict_missing": "absente",
    "verdict_new category": "nouvelle modalité",
    "verdict_constant": "constante",
    "column_verdict": "Verdict",
    "column_importance": "Importance",
    "column_psi": "PSI",
    "column_p_adjusted": "p (Holm)",
    "column_days": "Jours",
    "column_missing_before": "Absente dans la référence",
    "column_missing_now": "Absente maintenant",
    "page_of_drift": "Page de la dérive",
    "page_of_evidently_report": "Rapport d'Evidently",
    "page_of_population_shift": "Décalage des populations",
    "page_of_performance": "Page de la performance",
    "page_caption": "Des pages entières (en anglais), à ouvrir dans un navigateur ; des copies sont dans {places}.",
    "page_none": "Ni la page de la dérive ni le rapport d'Evidently n'ont encore été écrits : ils le sont par "
    "`credit-platform run {portfolio} --monitoring`, dès qu'il y a quelqu'un à comparer.",
    # Issues des prêts
    "mon_outcomes": "Issues des prêts",
    "outcomes_never_run": "La qualité du modèle n'a pas encore été mesurée. Tant que `credit-platform up` tourne, elle "
    "l'est chaque nuit ; tout de suite : `credit-platform run {portfolio} --monitoring`.",
    "outcomes_no_decision": "Ce sont les issues des décisions, et aucune sur ce portefeuille n'a été enregistrée.",
    "outcomes_none": "L'issue d'aucun prêt accordé n'est connue. Déposez les fichiers du prêteur dans {folder} ; ils "
    "comptent à la prochaine `credit-platform run {portfolio} --monitoring`, ou la nuit tant que `credit-platform up` "
    "tourne.",
    "outcomes_immature": "Des issues sont connues (de {loans} {loans:prêt|prêts}), mais aucun mois du modèle en "
    "service n'est assez "
    "ancien pour être jugé : il faut {months} mois.",
    "outcomes_mature": "{mature} {mature:issue mûre|issues mûres} du modèle en service, dont {defaults} "
    "{defaults:défaut|défauts}.",
    "outcomes_synthetic": "Des issues ont été inventées par une simulation.",
    "outcomes_measured": "mesuré",
    "outcomes_expected": "attendu",
    "outcomes_yardstick": "parmi les acceptés mis de côté",
    "column_figure": "Grandeur",
    "column_basis": "Base",
    "column_value": "Valeur",
    "figure_auc": "Séparation (AUC)",
    "figure_default_rate": "Taux de défaut",
    "figure_brier": "Score de Brier",
    "figure_cost_per_applicant": "Coût par demandeur",
    "figure_acceptance_rate": "Taux d'acceptation",
    # Décisions récentes et fichiers
    "mon_recent": "Décisions récentes",
    "mon_recent_caption": "Décisions affichées, les plus récentes d'abord ({zone}) : {count}. La page Décisions en "
    "ouvre une par sa requête.",
    "column_latency": "Temps (ms)",
    "figures_and_files": "Chiffres et fichiers : {name}",
    "as_csv_of": "Enregistrer « {name} » en CSV",
    "as_parquet_of": "Enregistrer « {name} » en Parquet",
}
