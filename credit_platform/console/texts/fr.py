"""The console in French."""

from __future__ import annotations

from typing import Final

from credit_platform.console.texts.monitoring_fr import MONITORING

TEXTS: Final[dict[str, str]] = {
    **MONITORING,
    # Toutes les pages
    "title": "Décisions de crédit",
    "language": "Langue",
    "portfolio": "Portefeuille",
    "page_applicant": "Demandeur",
    "page_portfolio": "Portefeuille",
    "page_decisions": "Décisions",
    "officer": "Vous êtes",
    "sign_in": "Se connecter",
    "sign_in_intro": "Chacun se connecte avec sa propre clé : les décisions, les exports et les lettres portent son "
    "nom.",
    "sign_in_key": "Votre clé d'accès",
    "sign_in_unknown": "Le service de décision ne connaît pas cette clé, ou elle a expiré. L'exploitation en donne une "
    "par `credit-platform keys create`.",
    "sign_in_scope": "Cette clé ne permet ni de décider ni d'expliquer : il lui faut les droits score et explain.",
    "sign_in_over": "Votre clé n'est plus valable. Connectez-vous avec une nouvelle clé.",
    "sign_out": "Se déconnecter",
    "not_given": "non renseigné",
    "unknown": "–",
    "yes": "oui",
    "no": "non",
    "accepted": "Accordé",
    "refused": "Refusé",
    "review": "À examiner",
    "synthetic": "Données synthétiques : ces demandeurs sont fictifs.",
    "no_service": "Aucun service de décision ne fonctionne. Demandez à l'exploitation de le démarrer (make up).",
    # Ce que le service n'a pas pu faire
    "problem_down": "Le service de décision est injoignable. Rien n'a été décidé. Réessayez dans un instant ; si cela "
    "dure, prévenez l'exploitation.",
    "problem_slow": "Le service de décision met trop de temps à répondre. Consultez la page Décisions avant de "
    "réessayer : la décision a peut-être été prise.",
    "problem_cut": "La connexion s'est interrompue avant la réponse du service de décision. Consultez la page "
    "Décisions avant de réessayer : la décision a peut-être été prise.",
    "problem_foreign": "Autre chose a répondu à la place du service de décision. Consultez la page Décisions avant de "
    "réessayer, et demandez à l'exploitation de vérifier l'adresse du service. {message}",
    "problem_key": "Le service de décision ne connaît pas la clé d'accès de cette console, ou elle a expiré. Rien n'a "
    "été décidé. L'exploitation doit donner une nouvelle clé à la console.",
    "problem_scope": "La clé d'accès de cette console ne permet pas cette action. Rien n'a été décidé. Il lui faut les "
    "droits score et explain.",
    "problem_invalid": "Le service n'accepte pas « {field} ». Rien n'a été décidé. Message du service : {message}",
    "problem_invalid_other": "Le service n'accepte pas cette demande. Rien n'a été décidé. Message du service : "
    "{message}",
    "problem_busy": "Trop de demandes à la fois. Rien n'a été décidé. Réessayez dans {wait} {wait:seconde|secondes}.",
    "problem_unavailable": "Le service ne décide rien pour le moment : il n'est pas prêt, ou ne peut pas écrire dans "
    "le journal des décisions. Réessayez dans {wait} {wait:seconde|secondes}.",
    "problem_fault": "Le service a échoué et rien n'a été décidé. Prévenez l'exploitation. {message}",
    # Demandeur : choisir et saisir
    "applicant_intro": "Choisissez ou saisissez une demande, puis demandez la décision. Chaque décision est "
    "enregistrée.",
    "start_from": "Point de départ",
    "start_example": "un exemple",
    "start_known": "un demandeur connu",
    "start_empty": "un formulaire vide",
    "example": "Exemple",
    "example_accepted": "Une demande typiquement accordée",
    "example_refused": "Une demande typiquement refusée",
    "example_other": "Exemple « {name} »",
    "with_histories": "L'historique de crédit de l'exemple est envoyé avec la demande.",
    "known_id": "Numéro du demandeur",
    "known_help": "Tel qu'il figure dans la table des demandes du portefeuille, qui compte {count} "
    "{count:demandeur|demandeurs}.",
    "known_load": "Remplir le formulaire",
    "known_missing": "Aucun demandeur ne porte ce numéro dans la table.",
    "known_none": "Aucune table de demandes n'est disponible ici ; on ne peut pas y chercher de demandeur.",
    "reference": "Votre référence pour cette demande (facultatif)",
    "reference_help": "Lettres, chiffres et . _ : - (64 au plus). Elle permet de retrouver la décision plus tard. "
    "Pas de nom, s'il vous plaît.",
    "section_loan": "Le prêt",
    "section_loan_help": "Ce que le demandeur peut changer en demandant un autre prêt.",
    "section_person": "Le demandeur",
    "section_optional": "Compléments sur le demandeur",
    "section_given": "{name} ({given} sur {count} {given:renseigné|renseignés})",
    "group_other": "Autres renseignements",
    "group_scores": "Scores externes, consultations du fichier des crédits",
    "group_household": "Foyer, biens et visite",
    "group_work": "Travail",
    "group_address": "Adresse et coordonnées",
    "group_circle": "Entourage",
    "group_documents": "Documents remis",
    "group_building": "Immeuble de résidence",
    "section_optional_help": "Facultatif. Plus on en sait, plus le score est précis.",
    "required_mark": "Les champs marqués * sont obligatoires.",
    "choose": "Choisir",
    "date_pattern": "JJ/MM/AAAA",
    "read_as": "Lu comme {value}.",
    "wanted_whole": "Il faut un nombre entier de {low} à {high}{unit}.",
    "wanted_whole_least": "Il faut un nombre entier d'au moins {low}{unit}.",
    "wanted_whole_any": "Il faut un nombre entier{unit}.",
    "wanted_number": "Il faut un nombre de {low} à {high}{unit}.",
    "wanted_number_least": "Il faut un nombre d'au moins {low}{unit}.",
    "wanted_number_any": "Il faut un nombre{unit}.",
    "wanted_choice": "Il faut une des valeurs de la liste.",
    "wanted_date": "Il faut une date du {low} au {high}, écrite jour/mois/année.",
    "wanted_text": "Il faut un texte de {most} caractères au plus.",
    "fault_missing": "Rien n'est indiqué.",
    "fault_number": "Ce n'est pas un nombre.",
    "fault_separators": "On ne sait pas de quel nombre il s'agit. Écrivez 1500, 1 500 ou 1500,50.",
    "fault_separators_whole": "On ne sait pas de quel nombre il s'agit. Écrivez 1500 ou 1 500.",
    "fault_date": "Ce n'est pas une date.",
    "fault_refused": "Le service n'accepte pas cette valeur, et rien n'a été décidé.",
    "faulty_fields": "Pas de décision tant que ces champs ne sont pas corrects : {fields}.",
    "faulty_reference": "Pas de décision avec cette référence.",
    "other_model": "Un autre modèle est en service depuis cette décision ({version}). Les explications ci-dessous sont "
    "les siennes ; redemandez une décision pour avoir la sienne.",
    "named_value": "{name} : **{value}**",
    "decided_reference": "Référence",
    "decided_on": "Décidé d'après :",
    "decided_on_more": "Et d'après {count} {count:autre valeur|autres valeurs}",
    "score_button": "Demander la décision",
    "scoring": "Le service est interrogé …",
    # Demandeur : la décision
    "changed": "Vous avez modifié le formulaire depuis cette décision. Redemandez une décision pour les nouvelles "
    "valeurs.",
    "decision_accepted": "Accordé : le risque de {probability} est inférieur à la limite de {threshold}.",
    "decision_refused": "Refusé : le risque de {probability} n'est pas inférieur à la limite de {threshold}.",
    "decision_review": "À examiner : le risque de {probability} est proche de la limite de {threshold} ; une personne "
    "décide.",
    "probability": "Risque de défaut",
    "probability_help": "Probabilité, estimée par le modèle, que le prêt ne soit pas remboursé comme convenu.",
    "threshold": "Limite",
    "threshold_help": "À partir de ce risque, les demandes sont refusées. C'est là que les erreurs coûtent le moins.",
    "points": "Points",
    "points_help": "Le même risque sur une échelle de points : plus il y a de points, moins il y a de risque.",
    "reasons": "Motifs, à l'attention du demandeur",
    "rights": "Ce que le demandeur peut demander",
    "rights_example": "Contact fictif : le prêteur doit indiquer le sien",
    "rights_number": "Numéro de cette réponse : {request_id}",
    "rights_data": "Données utilisées :",
    "missing_inputs": "Décidé sans : {fields}.",
    "other_subjects": "{count} {count:autre thème|autres thèmes}",
    "and_more": " et {count} {count:autre|autres}",
    "request_histories": "L'historique de crédit envoyé avec la demande a compté.",
    "none_histories": "Aucun historique de crédit du demandeur n'était connu.",
    "stored_histories": "L'historique de crédit du demandeur vient des données du service.",
    "recorded": "Enregistré sous {request_id} (modèle {version}).",
    "open_decision": "Voir l'enregistrement",
    # Pourquoi ce score
    "tab_why": "Pourquoi ce score",
    "tab_similar": "Demandeurs semblables",
    "tab_what_if": "Et si …",
    "waterfall_caption": "Du demandeur moyen ({base}) à celui-ci ({probability}). Chaque barre est un thème : vers la "
    "droite il a augmenté le risque, vers la gauche il l'a réduit. L'axe donne le risque après chaque étape.",
    "waterfall_alt": "Étapes du demandeur moyen au risque de ce demandeur, une par thème.",
    "average": "Demandeur moyen",
    "this_applicant": "Ce demandeur",
    "raises": "augmente le risque",
    "lowers": "réduit le risque",
    "effect": "Effet",
    "risk_before": "Risque avant",
    "risk_after": "Risque après",
    "risk": "Risque de défaut",
    "subject": "Thème",
    "details": "Tous les détails du modèle",
    "details_caption": "Chaque valeur que le modèle utilise, la plus influente d'abord. Les descriptions sont la "
    "documentation technique du modèle, en anglais. Effets sur le logit : au-dessus de 0 le risque augmente, en "
    "dessous il diminue.",
    "detail": "Détail",
    "value": "Valeur",
    # Demandeur : demandeurs semblables
    "similar_sentence": "Le risque de ce demandeur dépasse celui de {share} des demandeurs du portefeuille.",
    "similar_near": "Parmi les {count} demandeurs aux réponses les plus proches, {accepted} "
    "{accepted:obtiendrait|obtiendraient} le "
    "prêt avec la limite actuelle, et {defaults} {defaults:n’a|n’ont} pas remboursé comme convenu.",
    "similar_caption": "Les {count} demandeurs du portefeuille dont le score est connu ; en foncé, les {near} plus "
    "proches. Leurs scores viennent de modèles qui ne les avaient pas vus.",
    "similar_alt": "Répartition du risque dans le portefeuille, avec la place de ce demandeur et la limite.",
    "similar_none": "Les scores du portefeuille ne sont pas disponibles ici ; il n'y a rien à comparer.",
    "everybody": "tous les demandeurs",
    "alike": "les plus proches",
    "applicants": "Demandeurs",
    # Demandeur : et si
    "what_if_intro": "Changez ce que le demandeur pourrait demander d'autre. C'est un calcul : rien n'est décidé, rien "
    "n'est enregistré.",
    "what_if_accepted": "Avec ces valeurs, la demande serait accordée : le risque serait de {probability} au lieu de "
    "{before}.",
    "what_if_refused": "Avec ces valeurs, la demande serait refusée : le risque serait de {probability} au lieu de "
    "{before}.",
    "what_if_review": "Avec ces valeurs, une personne devrait décider : le risque serait de {probability} au lieu de "
    "{before}.",
    "what_if_same": "Ce sont les valeurs de la demande. Déplacez un curseur ou choisissez une autre valeur.",
    "what_if_none": "Ce portefeuille n'a aucun champ que le demandeur pourrait changer.",
    "advice": "Ce qui aiderait",
    "advice_enough": "{changes}. Accordé, avec un risque de {probability}.",
    "advice_not_enough": "Rien de ce qui a été essayé ne suffit. Le plus proche, avec un risque de "
    "{probability} : {changes}.",
    "advice_change": "{field} : {value} au lieu de {before}",
    "reset": "Revenir à la demande",
    # Portefeuille
    "portfolio_intro": "Comment le modèle en service traite l'ensemble du portefeuille.",
    "portfolio_empty": "Aucun modèle n'est encore en service pour ce portefeuille. Il faut d'abord le construire : "
    "`credit-platform run {portfolio}`.",
    "acceptance": "Taux d'acceptation",
    "acceptance_help": "Part des demandeurs dont le risque est inférieur à la limite.",
    "cost": "Coût par demandeur",
    "cost_help": "En unités d'un bon demandeur refusé. Un prêt accordé et non remboursé en coûte {ratio}. Accepter "
    "tout le monde coûterait {accept_all}, refuser tout le monde {refuse_all}.",
    "cost_interval": "Intervalle à 95 % : {low} à {high}",
    "auc": "Séparation (AUC)",
    "auc_help": "Probabilité que, de deux demandeurs dont un seul a remboursé, le modèle attribue à l'autre le risque "
    "le plus élevé. 0,5 correspond au hasard, 1 à la perfection.",
    "distribution": "Risque de tous les demandeurs",
    "distribution_caption": "{count} {count:demandeur|demandeurs}, chacun évalué par un modèle qui ne l'avait pas vu. "
    "À gauche du "
    "trait : accordé.",
    "distribution_holdout": "{count} {count:demandeur mis|demandeurs mis} de côté et jamais {count:utilisé|utilisés} "
    "pour l'apprentissage. À gauche du "
    "trait : accordé.",
    "distribution_alt": "Histogramme du risque de tous les demandeurs, avec la limite.",
    "repaid": "a remboursé",
    "defaulted": "n'a pas remboursé",
    "limit": "limite",
    "cost_curve": "Coût d'autres limites",
    "cost_curve_caption": "Ce que les erreurs coûteraient par demandeur avec une autre limite.",
    "cost_curve_alt": "Coût par demandeur selon la limite, avec la limite en service.",
    "live": "Décisions enregistrées à ce jour",
    "live_none": "Aucune décision sur ce portefeuille n'a encore été enregistrée.",
    "live_share": "{count} ({share})",
    "live_simulated": "Les demandes simulées (références commençant par SIM-) sont comprises.",
    "drift": "Dérive",
    "drift_elsewhere": "État du {day}. Les variables, les graphiques et les pages entières sont sur la page Suivi.",
    "approval_automatic": "Un modèle qui passe tous les contrôles est mis en service sans autre approbation.",
    "approval_manual": "Une personne doit approuver chaque modèle avant sa mise en service.",
    "approval_four_eyes": "Une personne autre que celle qui l'a entraîné doit approuver chaque modèle avant sa mise en "
    "service.",
    "approval_by": "{person} en répond depuis le {date}.",
    "model_version": "Modèle en service : {name} {version}, {kind}, limite {threshold}.",
    "service_away": "Le service de décision ne répond pas ; ce qui suit vient des tables enregistrées.",
    # Décisions
    "decisions_intro": "Retrouvez une décision enregistrée, examinez-la, et refaites le calcul.",
    "from_date": "Du",
    "to_date": "Au (inclus)",
    "filter_applicant": "Référence du demandeur",
    "filter_decision": "Décision",
    "all_decisions": "Toutes",
    "found": "{shown} {shown:décision|décisions} sur {count}, les plus récentes d'abord ({zone}). Cochez une ligne à "
    "gauche pour "
    "l'ouvrir.",
    "found_none": "Aucune décision ne correspond.",
    "open_by_id": "Ou ouvrir par le numéro de la requête",
    "no_such_request": "Il n'y a pas de décision pour cette requête.",
    "log_unreachable": "Le journal des décisions ne peut pas être lu. Prévenez l'exploitation.",
    "column_time": "Heure",
    "column_applicant": "Demandeur",
    "column_decision": "Décision",
    "column_probability": "Risque",
    "column_points": "Points",
    "column_model": "Modèle",
    "column_request": "Requête",
    "whose_request": "{count} clients ont donné ce numéro à une demande. Lequel ?",
    "record": "Décision {request_id}",
    "record_time": "Prise le {moment} ({zone}) par le modèle {version}.",
    "record_applicant": "Demandeur : {applicant}",
    "reasons_language": "Les motifs sont affichés dans la langue dans laquelle ils ont été donnés.",
    "inputs": "Ce qui a été envoyé",
    "inputs_digest": "Le journal ne garde qu'une empreinte de ce qui a été envoyé : il est réglé ainsi.",
    "field": "Champ",
    "record_features": "Valeurs utilisées par le modèle",
    "replay": "Refaire le calcul",
    "replay_help": "Recalcule à partir des valeurs enregistrées, avec le modèle même qui a décidé, et compare.",
    "replay_equal": "Identique : le modèle qui a décidé redonne exactement le même résultat, jusqu'au dernier chiffre.",
    "replay_different": "Différent : le nouveau calcul ne redonne pas ce qui est enregistré. Prévenez l'exploitation.",
    "replay_impossible": "Le calcul ne peut pas être refait ici pour cette décision : {why}",
    "column_client": "Demandé par",
    "record_client": "Demandée par : {client}",
    "letter_save": "Lettre de refus à imprimer",
    "letter_caption": "Dans la langue de la décision, avec les motifs et les droits enregistrés. S'ouvre dans un "
    "navigateur, qui l'imprime sur une page.",
    "letter_none": "Pas de lettre : les droits du demandeur n'ont pas été enregistrés avec cette décision.",
    "letter_example": "À ne pas envoyer : le contact est fictif, le prêteur doit indiquer le sien.",
    "letter_about": "Votre demande de crédit",
    "letter_about_of": "Votre demande de crédit, référence {reference}",
    "letter_salutation": "Madame, Monsieur,",
    "letter_decided": "Le {day}, votre demande de crédit a été évaluée par un traitement automatisé, et nous ne "
    "pouvons pas l'accepter.",
    "letter_reasons": "Les principaux motifs de ce refus sont les suivants :",
    "letter_close": "Veuillez agréer, Madame, Monsieur, nos salutations distinguées.",
    "letter_printed_by": "Imprimé par {officer}",
    "found_files": "Décisions affichées",
    "what": "Élément",
    "logged": "Enregistré",
    "again": "Recalculé",
}
